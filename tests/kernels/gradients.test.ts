import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { onOurKernels } from './support/registered.js';

/** conv2d in float64 by plain loops: [h, w, ci] and [k, k, ci, co] → [⌈h/s⌉, ⌈w/s⌉, co], same padding. */
function convolve(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  [h, width, ci]: [number, number, number],
  [k, s, co]: [number, number, number],
): Float64Array {
  const [oh, ow] = [Math.ceil(h / s), Math.ceil(width / s)];
  const top = Math.floor(Math.max((oh - 1) * s + k - h, 0) / 2);
  const left = Math.floor(Math.max((ow - 1) * s + k - width, 0) / 2);
  return Float64Array.from({ length: oh * ow * co }, (_, at) => {
    const [i, j, c] = [Math.floor(at / ow / co), Math.floor(at / co) % ow, at % co];
    let sum = 0;
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        const [y, z] = [i * s + a - top, j * s + b - left];
        if (y < 0 || z < 0 || y >= h || z >= width) continue;
        for (let e = 0; e < ci; e++) {
          sum += x[(y * width + z) * ci + e]! * w[((a * k + b) * ci + e) * co + c]!;
        }
      }
    }
    return sum;
  });
}

describe('gradients on WASM with our kernels', () => {
  onOurKernels();
  failOnLeaksAndWarnings();

  for (const s of [1, 2]) {
    it(`of conv2d with stride ${s} agree with finite differences`, async () => {
      const [x, w] = [noise(5 * 6 * 3, 1), noise(3 * 3 * 3 * 4, 2)];
      const weights = noise(Math.ceil(5 / s) * Math.ceil(6 / s) * 4, 3);
      const loss = (a: Float64Array, b: Float64Array) =>
        dot(convolve(a, b, [5, 6, 3], [3, s, 4]), weights);
      const [dx, dw] = tf.tidy(() => {
        const r = tf.tensor4d([...weights], [1, Math.ceil(5 / s), Math.ceil(6 / s), 4]);
        const f = (a: tf.Tensor, b: tf.Tensor) =>
          tf.sum(tf.mul(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, s, 'same'), r));
        return tf.grads(f)([tf.tensor4d([...x], [1, 5, 6, 3]), tf.tensor4d([...w], [3, 3, 3, 4])]);
      });
      await expectClose(
        dx!,
        finiteDifferences((a) => loss(a, w), x),
      );
      await expectClose(
        dw!,
        finiteDifferences((b) => loss(x, b), w),
      );
      tf.dispose([dx!, dw!]);
    });

    it(`of conv2dTranspose with stride ${s} agree with finite differences`, async () => {
      // ⟨convᵀ(y), r⟩ = ⟨y, conv(r)⟩, so the loss is a convolution of the weights of the result.
      const [oh, ow] = [Math.ceil(5 / s), Math.ceil(6 / s)];
      const [y, w] = [noise(oh * ow * 4, 1), noise(3 * 3 * 3 * 4, 2)];
      const weights = noise(5 * 6 * 3, 3);
      const loss = (a: Float64Array, b: Float64Array) =>
        dot(convolve(weights, b, [5, 6, 3], [3, s, 4]), a);
      const [dy, dw] = tf.tidy(() => {
        const r = tf.tensor4d([...weights], [1, 5, 6, 3]);
        const f = (a: tf.Tensor, b: tf.Tensor) =>
          tf.sum(
            tf.mul(
              tf.conv2dTranspose(a as tf.Tensor4D, b as tf.Tensor4D, [1, 5, 6, 3], s, 'same'),
              r,
            ),
          );
        return tf.grads(f)([
          tf.tensor4d([...y], [1, oh, ow, 4]),
          tf.tensor4d([...w], [3, 3, 3, 4]),
        ]);
      });
      await expectClose(
        dy!,
        finiteDifferences((a) => loss(a, w), y),
      );
      await expectClose(
        dw!,
        finiteDifferences((b) => loss(y, b), w),
      );
      tf.dispose([dy!, dw!]);
    });
  }
});
