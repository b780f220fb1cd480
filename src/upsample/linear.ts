import { customGrad, type Tensor, zeros } from '@tensorflow/tfjs-core';

/** A linear map of tensors. */
type LinearMap<X extends Tensor, Y extends Tensor> = (x: X) => Y;

/**
 * Applies a linear map to a tensor of the given output shape, with its adjoint as the gradient:
 * `x → A·x`, `dy → Aᵀ·dy`. The gradient is such a map itself, so derivatives of every order exist.
 * No map sees an empty tensor, which WASM divides by zero on.
 */
export function linear<X extends Tensor, Y extends Tensor>(
  x: X,
  shape: Y['shape'],
  forward: LinearMap<X, Y>,
  adjoint: LinearMap<Y, X>,
): Y {
  const map = customGrad((v) => ({
    value: x.size === 0 ? zeros(shape, x.dtype) : forward(v as X),
    gradFunc: (dy: Tensor) => linear(dy as Y, x.shape, adjoint, forward),
  }));
  return map(x) as Y;
}
