import { customGrad, type Tensor, zeros } from '@tensorflow/tfjs-core';

/** A linear map of tensors, chosen by tensors that it has no gradient for. */
type LinearMap<X extends Tensor, Y extends Tensor> = (x: X, fixed: Tensor[]) => Y;

/**
 * Applies a linear map to a tensor, with its adjoint as the gradient: `x → A·x` of the given shape,
 * `dy → Aᵀ·dy`. The gradient is such a map itself, so derivatives of every order exist. No map sees
 * an empty tensor, which WASM divides by zero on.
 */
export function linear<X extends Tensor, Y extends Tensor>(
  x: X,
  shape: Y['shape'],
  forward: LinearMap<X, Y>,
  adjoint: LinearMap<Y, X>,
  fixed: Tensor[] = [],
): Y {
  const map = customGrad((v, save) => {
    (save as (tensors: Tensor[]) => void)(fixed);
    return {
      value: x.size === 0 ? zeros(shape, x.dtype) : forward(v as X, fixed),
      gradFunc: (dy: Tensor, saved: Tensor[]) => linear(dy as Y, x.shape, adjoint, forward, saved),
    };
  });
  return map(x) as Y;
}
