import { mul, scalar, type Tensor4D } from '@tensorflow/tfjs-core';

/**
 * A float32 image of any: `[b, h, w, c] → [b, h, w, c]`. By a product, for `cast` keeps the
 * integers' buffer, of which WebGPU's `transpose` makes zeros.
 */
export function toFloat(x: Tensor4D): Tensor4D {
  return x.dtype === 'float32' ? x : mul(x, scalar(1));
}
