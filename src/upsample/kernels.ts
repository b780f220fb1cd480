import { engine, getKernel, MaxPoolWithArgmax, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Windows } from './windows.js';

/** The kernels that a backend may have for unpooling, by name: WASM has, with ours. */
const UNPOOL = 'BlocksMaxUnpool';
const UNPOOL_GRAD = 'BlocksMaxUnpoolGrad';

/** Whether the running backend has the kernels, and with them a pooling with argmax that is right. */
export function hasKernels(): boolean {
  return !!getKernel(UNPOOL, engine().backendName);
}

/** x [b, h, w, c] → the largest values of the windows and their indices, [b, o, o', c] each. */
export function argmaxKernel(x: Tensor4D, windows: Windows): [Tensor4D, Tensor4D] {
  const attrs = { ...geometry(windows), includeBatchInIndex: false };
  return engine().runKernel(MaxPoolWithArgmax, { x }, attrs) as unknown as [Tensor4D, Tensor4D];
}

/** x and indices [b, o, o', c] → [b, h, w, c]. */
export function unpoolKernel(x: Tensor4D, indices: Tensor4D, windows: Windows): Tensor4D {
  const [{ n: height }, { n: width }] = windows;
  return engine().runKernel(UNPOOL, { x, indices }, { ...geometry(windows), height, width });
}

/** dy [b, h, w, c] and indices [b, o, o', c] → [b, o, o', c]. */
export function unpoolGradKernel(dy: Tensor4D, indices: Tensor4D, windows: Windows): Tensor4D {
  return engine().runKernel(UNPOOL_GRAD, { dy, indices }, geometry(windows));
}

function geometry([rows, columns]: Windows) {
  const around = [rows, columns].map(({ before, k }) => [before, k - 1 - before]);
  return {
    filterSize: [rows.k, columns.k],
    strides: [rows.s, columns.s],
    pad: rows.padding === 'explicit' ? [[0, 0], ...around, [0, 0]] : rows.padding,
  };
}
