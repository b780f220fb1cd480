import {
  clone,
  customGrad,
  engine,
  type GradSaveFunc,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { random } from '../core/random.js';
import { withUpdates } from '../norm/withUpdates.js';

/**
 * Applies `f` and keeps nothing of it but its input: the backward pass applies it again, with the
 * same random numbers and averages, and moves no averages again.
 *
 * @param variables - Those that `f` reads and that may get gradients.
 * @param state - Those that `f` reads and may write: moving averages.
 *
 * Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
 */
export function recomputed(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  variables: readonly Variable[],
  state: readonly LayerVariable[],
): Tensor {
  const operation = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as GradSaveFunc;
    const [input] = inputs as [Tensor];
    // Clones share the values, so that what is kept for long costs nothing.
    save([input, ...state.map((variable) => clone(variable.read()))]);
    const { state: numbers } = random;
    const gradFunc = (dy: Tensor, [input, ...values]: Tensor[]) =>
      withState(state, values, () =>
        withRandomState(numbers, () => gradients(() => f(input!), [input!, ...variables], dy)),
      );
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

/** Calls `fn` while the variables have earlier values. */
function withState<T>(state: readonly LayerVariable[], values: Tensor[], fn: () => T): T {
  const now = state.map((variable) => clone(variable.read()));
  const write = (to: Tensor[]) => {
    for (const [i, variable] of state.entries()) variable.write(to[i]!);
  };
  write(values);
  try {
    return fn();
  } finally {
    write(now);
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
