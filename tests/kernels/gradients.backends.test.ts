import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, it } from 'vitest';
import { registerKernels } from '../../src/kernels/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { conv64 } from '../support/convolution64.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { avgPool } from './reference/avgPool.js';
import { maxPool } from './reference/maxPool.js';
import { mean } from './reference/mean.js';
import { sum } from './reference/sum.js';
import { tile } from './reference/tile.js';
import { type DepthwiseCase, depthwiseCase, eachProduct } from './support/depthwise.js';
import { build, placeOf, sizeOf } from './support/moves.js';
import { poolCase } from './support/poolCases.js';
import { type Resize, resize64 } from './support/resize64.js';

type Values = ArrayLike<number>;

/** Expects the gradients of Σ r · f(…inputs) to be finite differences of the same in float64. */
async function expectGradients(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  f64: (...inputs: Values[]) => ArrayLike<number>,
  shapes: number[][],
  values = shapes.map((shape, i) => noise(sizeOf(shape), i + 1)),
): Promise<void> {
  const weights = noise(f64(...values).length, 9);
  const gradients = tf.tidy(() => {
    const inputs = values.map((v, i) => tf.tensor([...v], shapes[i]));
    const loss = (...xs: tf.Tensor[]) => {
      const y = f(...xs);
      return tf.sum(tf.mul(y, tf.tensor([...weights], y.shape)));
    };
    return tf.grads(loss)(inputs);
  });
  for (const [i, gradient] of gradients.entries()) {
    const loss = (x: Values) => dot(f64(...values.map((v, k) => (k === i ? x : v))), weights);
    await expectClose(gradient, finiteDifferences(loss, values[i]!), { tolerance: 2e-5 });
  }
  tf.dispose(gradients);
}

function depthwise64(x: Values, filter: Values, c: DepthwiseCase): Float64Array {
  const y = new Float64Array(sizeOf(c.y));
  eachProduct(c, (from, tap, to) => {
    y[to]! += x[from]! * filter[tap]!;
  });
  return y;
}

/** A filter with a zero between its taps. */
function dilated64(filter: Values, [kh, kw, c, m]: number[]): number[] {
  return build([2 * kh! - 1, 2 * kw! - 1, c!, m!], ([a, b, ...rest]) => {
    if (a! % 2 || b! % 2) return 0;
    return filter[placeOf([a! / 2, b! / 2, ...rest], [kh!, kw!, c!, m!])]!;
  });
}

function mirrorPad64(x: Values, shape: number[], paddings: [number, number][], offset: number) {
  const padded = shape.map((n, a) => paddings[a]![0] + n + paddings[a]![1]);
  return build(padded, (at) => {
    const from = at.map((index, a) => {
      const i = index - paddings[a]![0];
      const n = shape[a]!;
      return i < 0 ? offset - 1 - i : i < n ? i : 2 * n - 1 - offset - i;
    });
    return x[placeOf(from, shape)]!;
  });
}

/** Where the slice at the first indices of a place begins, and its length. */
function sliceAt(shape: number[], at: number[]): [begin: number, size: number] {
  const size = sizeOf(shape.slice(at.length));
  return [placeOf(at, shape.slice(0, at.length)) * size, size];
}

function valuesAt(x: Values, shape: number[], at: number[]): number[] {
  const [begin, size] = sliceAt(shape, at);
  return Array.from(x).slice(begin, begin + size);
}

function scatter64(x: Values, places: number[][], shape: number[]): number[] {
  const y = Array<number>(sizeOf(shape)).fill(0);
  for (const [i, at] of places.entries()) {
    const [begin, size] = sliceAt(shape, at);
    for (let k = 0; k < size; k++) y[begin + k]! += x[i * size + k]!;
  }
  return y;
}

/** Pixels out of channels: [b, h, w, s·s·c] → [b, h·s, w·s, c]. */
function depthToSpace64(x: Values, [b, h, w, depth]: number[], s: number) {
  const c = depth! / s / s;
  return build([b!, h! * s, w! * s, c], ([n, i, j, k]) => {
    const channel = ((i! % s) * s + (j! % s)) * c + k!;
    return x[placeOf([n!, Math.floor(i! / s), Math.floor(j! / s), channel], [b!, h!, w!, depth!])]!;
  });
}

/** Of a [2, 3] and a [3]: a second operand that is broadcast. */
const broadcast64 = (f: (a: number, b: number) => number) => (a: Values, b: Values) =>
  Array.from(a, (value, i) => f(value, b[i % 3]!));

onEveryBackend(() => {
  let restore: () => void;
  beforeAll(() => {
    restore = registerKernels();
  });
  afterAll(() => restore());

  it('sums and means pass dy on to every element', async () => {
    const shape = [2, 3, 4];
    await expectGradients(
      (x) => tf.sum(x!, [0, 2]),
      (x) => sum(x!, shape, [0, 2]),
      [shape],
    );
    await expectGradients(
      (x) => tf.mean(x!, [1], true),
      (x) => mean(x!, shape, [1]),
      [shape],
    );
  });

  it('average pooling divides by the cells inside of the image, at borders too', async () => {
    for (const [pad, rounding] of [
      ['same', undefined],
      [1, 'floor'],
    ] as const) {
      const c = poolCase([2, 4, 5, 3], [3, 3], [2, 2], pad, rounding);
      await expectGradients(
        (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, pad, rounding),
        (x) => avgPool(x!, c),
        [c.shape],
      );
    }
  });

  it('max pooling passes dy to the maximum, also where none is above 0', async () => {
    const c = poolCase([1, 4, 5, 3], [3, 3], [2, 2], 'same');
    const x = noise(60, 1).map((value) => value - 1.5);
    await expectGradients(
      (x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'same'),
      (x) => maxPool(x!, c),
      [c.shape],
      [x],
    );
  });

  it('mirror padding folds its borders back', async () => {
    const shape = [3, 4];
    const paddings: [number, number][] = [
      [2, 1],
      [0, 2],
    ];
    for (const mode of ['reflect', 'symmetric'] as const) {
      await expectGradients(
        (x) => tf.mirrorPad(x!, paddings, mode),
        (x) => mirrorPad64(x!, shape, paddings, mode === 'reflect' ? 1 : 0),
        [shape],
      );
    }
  });

  it('repetitions are summed', async () => {
    for (const [shape, reps] of [
      [[3], [2]],
      [
        [2, 1, 3],
        [2, 4, 1],
      ],
      [
        [1, 2, 1, 2, 1],
        [2, 1, 2, 1, 2],
      ],
    ] as [number[], number[]][]) {
      await expectGradients(
        (x) => tf.tile(x!, reps),
        (x) => tile(x!, shape, { reps })[1],
        [shape],
      );
    }
  });

  it('maximum, minimum and squared difference take a broadcast operand', async () => {
    const shapes = [[2, 3], [3]];
    await expectGradients((a, b) => tf.maximum(a!, b!), broadcast64(Math.max) as never, shapes);
    await expectGradients((a, b) => tf.minimum(a!, b!), broadcast64(Math.min) as never, shapes);
    const square = (a: number, b: number) => (a - b) ** 2;
    await expectGradients(
      (a, b) => tf.squaredDifference(a!, b!),
      broadcast64(square) as never,
      shapes,
    );
  });

  it('a dilated convolution has gradients', async () => {
    const [x, filter]: [[number, number, number, number], [number, number, number, number]] = [
      [1, 5, 6, 2],
      [3, 2, 2, 3],
    ];
    const geometry = { strides: [1, 1], dilations: [2, 2], before: [2, 1] } as const;
    await expectGradients(
      (a, w) => tf.conv2d(a as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', [2, 2]),
      (a, w) => conv64(a!, x, w!, filter, [5, 6], geometry as never),
      [x, filter],
    );
  });

  it('a depthwise convolution has gradients, also a dilated one', async () => {
    const plain = depthwiseCase([2, 4, 5, 3], 2, [3, 3], [2, 2], 'same');
    await expectGradients(
      (a, w) => tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, 2, 'same'),
      (a, w) => depthwise64(a!, w!, plain),
      [plain.x, plain.filter],
    );
    const wide = depthwiseCase([1, 6, 5, 3], 1, [5, 3], [1, 1], 'same');
    const filter = [3, 2, 3, 1];
    await expectGradients(
      (a, w) => tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', 2),
      (a, w) => depthwise64(a!, dilated64(w!, filter), wide),
      [wide.x, filter],
    );
  });

  it('pixels out of channels go back to them', async () => {
    for (const [shape, s] of [
      [[2, 3, 2, 8], 2],
      [[1, 2, 1, 27], 3],
    ] as [number[], number][]) {
      await expectGradients(
        (x) => tf.depthToSpace(x as tf.Tensor4D, s),
        (x) => depthToSpace64(x!, shape, s),
        [shape],
      );
    }
    // Channels first, which only graphics cards compute.
    const [dy, first] = tf.tidy(() => {
      const { gradFunc } = tf.getGradient('DepthToSpace')!;
      const y = tf.tensor4d([...noise(48, 1)], [1, 4, 6, 2]);
      const back = (of: tf.Tensor, dataFormat: string) =>
        (gradFunc(of, [], { blockSize: 2, dataFormat }) as { x: () => tf.Tensor }).x();
      const transposed = back(tf.transpose(y, [0, 3, 1, 2]), 'NCHW');
      return [back(y, 'NHWC'), tf.transpose(transposed, [0, 2, 3, 1])];
    });
    await expectClose(first!, (await dy!.data()) as Float32Array);
    tf.dispose([dy!, first!]);
  });

  it('gathered values pass dy on to where they came from, and add up there', async () => {
    const shape = [3, 4, 2];
    const take = (x: Values, places: number[][]) => places.flatMap((at) => valuesAt(x, shape, at));
    for (const places of [
      [[2], [0], [2]],
      [
        [1, 3],
        [0, 0],
        [1, 3],
        [2, 1],
      ],
      [[2, 3, 1]],
    ]) {
      await expectGradients(
        (x) => tf.gatherND(x!, tf.tensor2d(places, undefined, 'int32')),
        (x) => take(x!, places),
        [shape],
      );
    }
    await expectGradients(
      (x) => tf.gatherND(x!, tf.tensor1d([1, 2, 0], 'int32')),
      (x) => take(x!, [[1, 2, 0]]),
      [shape],
    );
  });

  it('scattered values get dy from where they went, also where several meet', async () => {
    const shape = [3, 4, 2];
    for (const places of [
      [[2], [0], [2]],
      [
        [1, 3],
        [0, 0],
        [1, 3],
        [2, 1],
      ],
      [[2, 3, 1]],
    ]) {
      const size = 24 / sizeOf(shape.slice(0, places[0]!.length));
      await expectGradients(
        (x) => tf.scatterND(tf.tensor2d(places, undefined, 'int32'), x!, shape),
        (x) => scatter64(x!, places, shape),
        [[places.length, ...shape.slice(places[0]!.length)]],
        [noise(places.length * size, 1)],
      );
    }
    await expectGradients(
      (x) => tf.scatterND(tf.tensor1d([4, 1, 4], 'int32'), x!, [5]),
      (x) => scatter64(x!, [[4], [1], [4]], [5]),
      [[3]],
    );
  });

  it('resizing has gradients on every grid', async () => {
    const shape = [2, 3, 4, 2];
    const grids = [
      { alignCorners: false, halfPixelCenters: false },
      { alignCorners: true, halfPixelCenters: false },
      { alignCorners: false, halfPixelCenters: true },
    ];
    for (const grid of grids) {
      for (const nearest of [true, false]) {
        const resize: Resize = { nearest, ...grid };
        const op = nearest ? tf.image.resizeNearestNeighbor : tf.image.resizeBilinear;
        for (const size of [
          [5, 7],
          [2, 3],
        ] as [number, number][]) {
          await expectGradients(
            (x) => op(x as tf.Tensor4D, size, grid.alignCorners, grid.halfPixelCenters),
            (x) => resize64(x!, shape, size, resize),
            [shape],
          );
        }
      }
    }
  });
});
