import { cast, oneHot, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { DIGITS, SIDE } from '../protocol.js';
import { type Images, pick } from './data.js';
import type { Batch } from './kinds.js';

/** Images and their labels as tensors, which the caller disposes of. */
export function toBatch({ pixels, digits }: Images): Batch {
  return {
    x: tensor4d(pixels, [digits.length, SIDE, SIDE, 1]),
    labels: tidy(() => cast(oneHot(tensor1d(digits, 'int32'), DIGITS), 'float32')),
  };
}

/** Batches for ever, in a new random order in each pass. */
export function* batches(images: Images, size: number): Generator<Images> {
  const count = images.digits.length;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (;;) {
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (let at = 0; at + size <= count; at += size) {
      yield pick(images, order.subarray(at, at + size));
    }
  }
}
