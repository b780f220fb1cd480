import {
  type Optimizer,
  type Scalar,
  type Tensor,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';

/** A tensor with the name that an optimizer gives it. */
export type NamedTensor = Awaited<ReturnType<Optimizer['getWeights']>>[number];

/**
 * Variables that tfjs's optimizers leave out of their saved weights and compute anew when they are
 * set, which differs in the last bits: Adam's powers of β₁ and β₂, Adamax's count.
 */
const UNSAVED = ['accBeta1', 'accBeta2', 'iteration'] as const;

/** What tfjs's Adamax keeps for each variable; it saves no weights at all. */
const ADAMAX_SLOTS = ['accumulatedFirstMoment', 'accumulatedWeightedInfNorm'] as const;

type Slot = { originalName: string; variable: Variable };
type Hidden = Partial<Record<(typeof UNSAVED)[number], Variable>> &
  Record<(typeof ADAMAX_SLOTS)[number], Slot[]> & { learningRate?: number };

const PREFIX = 'unsaved:';

/** Sets the rate of one of tfjs's optimizers, or of one made like them. */
export function setLearningRate(optimizer: Optimizer, rate: number): void {
  const settable = optimizer as Optimizer & { setLearningRate?(rate: number): void };
  if (settable.setLearningRate) settable.setLearningRate(rate);
  else hiddenOf(optimizer).learningRate = rate;
}

/** Everything that an optimizer goes on with, to the last bit. The tensors are its own. */
export async function optimizerState(optimizer: Optimizer): Promise<NamedTensor[]> {
  const hidden = hiddenOf(optimizer);
  const saved = isAdamax(optimizer)
    ? ADAMAX_SLOTS.flatMap((slot) =>
        hidden[slot].map(({ variable }, i) => ({
          name: `${slot}/${i}`,
          tensor: variable as Tensor,
        })),
      )
    : await optimizer.getWeights();
  const unsaved = UNSAVED.flatMap((name) =>
    hidden[name] ? [{ name: PREFIX + name, tensor: hidden[name] as Tensor }] : [],
  );
  return [...saved, ...unsaved];
}

/** Goes on where {@link optimizerState} was. */
export async function setOptimizerState(optimizer: Optimizer, state: NamedTensor[]): Promise<void> {
  const hidden = hiddenOf(optimizer);
  if (isAdamax(optimizer)) {
    for (const slot of ADAMAX_SLOTS) {
      hidden[slot] = state
        .filter(({ name }) => name.startsWith(`${slot}/`))
        .map(({ name, tensor }) => ({ originalName: name, variable: variable(tensor, false) }));
    }
  } else {
    await optimizer.setWeights(state.filter(({ name }) => !name.startsWith(PREFIX)));
  }
  for (const name of UNSAVED) {
    const value = state.find((weight) => weight.name === PREFIX + name);
    if (value) hidden[name]?.assign(value.tensor as Scalar);
  }
}

function isAdamax(optimizer: Optimizer): boolean {
  return optimizer.getClassName() === 'Adamax';
}

function hiddenOf(optimizer: Optimizer): Hidden {
  return optimizer as unknown as Hidden;
}
