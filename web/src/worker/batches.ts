import { cast, oneHot, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { DIGITS, SIDE } from '../protocol.js';
import { type Images, pick } from './data.js';
import type { Batch } from './Kind.js';

/** Images and their labels as tensors, which the caller disposes of. */
export function toBatch({ pixels, digits }: Images): Batch {
  return {
    x: tensor4d(pixels, [digits.length, SIDE, SIDE, 1]),
    labels: tidy(() => cast(oneHot(tensor1d(digits, 'int32'), DIGITS), 'float32')),
  };
}

/** Batches from a step on, for ever. Each pass has another order, the same in every run. */
export function* batches(images: Images, size: number, from: number): Generator<Images> {
  const perPass = Math.floor(images.digits.length / size);
  let at = from % perPass;
  for (let pass = Math.floor(from / perPass); ; pass++) {
    const order = shuffled(images.digits.length, pass);
    for (; at < perPass; at++) yield pick(images, order.subarray(at * size, (at + 1) * size));
    at = 0;
  }
}

/** The numbers below `count` in an order that the seed decides (Fisher and Yates 1938). */
function shuffled(count: number, seed: number): Uint32Array {
  const random = xoroshiro128plus(seed);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
