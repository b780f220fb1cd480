import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  engine,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';

/**
 * A 2×2 convolution of a 3×3 image, two channels to two, and its gradients for the output gradient
 * `dy`. The inputs are small integers; the results are the sums of the definition
 * `y[r, c, o] = Σ x[r + a, c + b, i] · w[a, b, i, o]`, exact also in half precision. A test adds
 * them up again.
 */
export const KNOWN = {
  x: [-3, 2, 0, -2, 3, 1, -1, -3, 2, 0, -2, 3, 1, -1, -3, 2, 0, -2],
  w: [-2, 1, -1, 2, 0, -2, 1, -1, 2, 0, -2, 1, -1, 2, 0, -2],
  dy: [-2, 0, 2, -1, 1, -2, 0, 2],
  y: [4, 4, 9, -21, 12, -22, -11, 9],
  dx: [4, 2, -5, -6, 2, 3, -8, -1, 12, 2, -8, 0, 2, -4, -5, 6, 4, -4],
  dw: [5, 6, -11, 8, 8, -11, 6, 5, 7, -10, 5, 6, -11, 8, 8, -11],
};

const TOLERANCE = 0.01;

/** Throws where the active backend computes the convolution or its gradients wrongly. */
export async function probe(wait: <T>(work: Promise<T>) => Promise<T>): Promise<void> {
  const results = tidy(convolve);
  try {
    await compare('a convolution', results.y, KNOWN.y, wait);
    await compare("a convolution's input gradient", results.dx, KNOWN.dx, wait);
    await compare("a convolution's filter gradient", results.dw, KNOWN.dw, wait);
  } finally {
    for (const tensor of Object.values(results)) tensor.dispose();
  }
}

// By their kernels: gradient functions are registered by other packages, and are the same everywhere.
function convolve() {
  const x = tensor4d(KNOWN.x, [1, 3, 3, 2]);
  const filter = tensor4d(KNOWN.w, [2, 2, 2, 2]);
  const dy = tensor4d(KNOWN.dy, [1, 2, 2, 2]);
  const attrs = { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC' };
  const run = (kernel: string, inputs: NamedTensorMap, shapes: NamedAttrMap): Tensor =>
    engine().runKernel(kernel, inputs, { ...attrs, ...shapes });
  return {
    y: run(Conv2D, { x, filter }, { dilations: [1, 1] }),
    dx: run(Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape }),
    dw: run(Conv2DBackpropFilter, { x, dy }, { filterShape: filter.shape }),
  };
}

async function compare(
  what: string,
  actual: Tensor,
  expected: number[],
  wait: <T>(work: Promise<T>) => Promise<T>,
): Promise<void> {
  const values = await wait(actual.data());
  const wrong = expected.findIndex((value, i) => !(Math.abs(values[i]! - value) <= TOLERANCE));
  if (wrong >= 0) {
    throw new Error(
      `${what} is wrong: element ${wrong} is ${values[wrong]}, not ${expected[wrong]}`,
    );
  }
}
