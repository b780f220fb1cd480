import { type NamedTensorMap, stack, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LossGradients } from './gradientsOf.js';

/** The loss and the sum of each gradient, to be read back at once: NaN and Infinity survive a sum. */
export function sumsOf({ value, grads }: LossGradients): Tensor {
  return tidy(() => stack([value, ...Object.values(grads).map((gradient) => sum(gradient))]));
}

/**
 * The loss as a number, after making sure that it and every gradient is finite.
 *
 * @throws an error that names the loss, or the gradients that are not finite.
 */
export async function checkSums(sums: Tensor, grads: NamedTensorMap): Promise<number> {
  const [loss, ...gradientSums] = await sums.data();
  if (!Number.isFinite(loss)) throw notFinite(`the loss is ${loss}`);
  const suspects = Object.keys(grads).filter((_, i) => !Number.isFinite(gradientSums[i]));
  const bad = await withoutFinite(suspects, grads);
  if (bad.length > 0) throw notFinite(`the gradient of ${bad.join(', ')} is not finite`);
  return loss!;
}

/** A sum of finite values may overflow, so the values themselves decide. */
async function withoutFinite(names: string[], grads: NamedTensorMap): Promise<string[]> {
  const finite = await Promise.all(names.map((name) => allFinite(grads[name]!)));
  return names.filter((_, i) => !finite[i]);
}

async function allFinite(tensor: Tensor): Promise<boolean> {
  return (await tensor.data()).every(Number.isFinite);
}

function notFinite(what: string): Error {
  return new Error(`trainStep: ${what}; weights and moving averages were left as they were`);
}
