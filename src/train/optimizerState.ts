import type { Optimizer, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

/** A tensor with the name that an optimizer gives it. */
export type NamedTensor = Awaited<ReturnType<Optimizer['getWeights']>>[number];

/**
 * Variables that tfjs's optimizers leave out of their saved weights and compute anew when they are
 * set, which differs in the last bits: Adam's powers of β₁ and β₂, Adamax's count.
 */
const UNSAVED = ['accBeta1', 'accBeta2', 'iteration'] as const;

type Hidden = Partial<Record<(typeof UNSAVED)[number], Variable>> & { learningRate?: number };

const PREFIX = 'unsaved:';

/** Sets the rate of one of tfjs's optimizers, or of one made like them. */
export function setLearningRate(optimizer: Optimizer, rate: number): void {
  const settable = optimizer as Optimizer & { setLearningRate?(rate: number): void };
  if (settable.setLearningRate) settable.setLearningRate(rate);
  else (optimizer as unknown as Hidden).learningRate = rate;
}

/** Everything that an optimizer goes on with, to the last bit. The tensors are its own. */
export async function optimizerState(optimizer: Optimizer): Promise<NamedTensor[]> {
  const hidden = optimizer as unknown as Hidden;
  const unsaved = UNSAVED.flatMap((name) =>
    hidden[name] ? [{ name: PREFIX + name, tensor: hidden[name] as Tensor }] : [],
  );
  return [...(await optimizer.getWeights()), ...unsaved];
}

/** Goes on where {@link optimizerState} was. */
export async function setOptimizerState(optimizer: Optimizer, state: NamedTensor[]): Promise<void> {
  const saved = state.filter(({ name }) => !name.startsWith(PREFIX));
  await optimizer.setWeights(saved);
  const hidden = optimizer as unknown as Hidden;
  for (const name of UNSAVED) {
    const value = state.find((weight) => weight.name === PREFIX + name);
    if (value) hidden[name]?.assign(value.tensor as Scalar);
  }
}
