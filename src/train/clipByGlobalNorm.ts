import {
  addN,
  div,
  maximum,
  mul,
  type NamedTensorMap,
  sqrt,
  square,
  sum,
} from '@tensorflow/tfjs-core';

/** Gradients scaled down together so that the norm over all their elements is at most `limit`. */
export function clipByGlobalNorm(grads: NamedTensorMap, limit: number): NamedTensorMap {
  const gradients = Object.values(grads);
  const norm = sqrt(addN(gradients.map((gradient) => sum(square(gradient)))));
  const scale = div(limit, maximum(norm, limit));
  return Object.fromEntries(
    Object.entries(grads).map(([name, gradient]) => [name, mul(gradient, scale)]),
  );
}
