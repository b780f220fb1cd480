import {
  customGrad,
  engine,
  type GradSaveFunc,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { random } from '../core/random.js';
import { withUpdates } from '../norm/withUpdates.js';

/**
 * Applies `f` and keeps nothing of it but its input: the backward pass applies it again, with the
 * same random numbers, and moves no averages again.
 *
 * @param variables - Those that `f` reads and that may get gradients.
 *
 * Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
 */
export function recomputed(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  variables: readonly Variable[],
): Tensor {
  const operation = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as GradSaveFunc;
    const [input] = inputs as [Tensor];
    save([input]);
    const { state } = random;
    const gradFunc = (dy: Tensor, [input]: Tensor[]) =>
      withRandomState(state, () => gradients(() => f(input!), [input!, ...variables], dy));
    return { value: f(input), gradFunc };
  });
  return operation(x, ...variables);
}

/** The gradients of `f` by `xs`; as if it were called for the first time, no averages move. */
function gradients(f: () => Tensor, xs: Tensor[], dy: Tensor): Tensor[] {
  const { state } = engine();
  // A gradient inside a gradient replaces the tape that the outer one is to clean up.
  const outerTape = state.activeTape;
  try {
    const { result, updates } = withUpdates(() => engine().gradients(f, xs, dy));
    updates.dispose();
    return result.grads;
  } finally {
    state.activeTape = outerTape;
  }
}

function withRandomState<T>(state: readonly number[], fn: () => T): T {
  const now = random.state;
  random.state = state;
  try {
    return fn();
  } finally {
    random.state = now;
  }
}
