import {
  abs,
  add,
  exp,
  lessEqual,
  minimum,
  mul,
  neg,
  scalar,
  serialization,
  square,
  step,
  sub,
  type Tensor,
  where,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { oneOf } from './args.js';

const NAMES = [
  'elu',
  'gelu',
  'gelu_new',
  'hardSigmoid',
  'linear',
  'logSoftmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'tanh',
] as const;

/** The activations of tf.layers, by name. */
export type ActivationName = (typeof NAMES)[number];

/** The activation that an option names; `'linear'` when it names none. */
export function activationName(owner: string, option: string, value: unknown): ActivationName {
  // tf.layers spells the option of a model that it loads in its own way.
  const name = value === 'geluNew' ? 'gelu_new' : (value ?? 'linear');
  return oneOf(owner, option, name, NAMES);
}

/** Applies an activation of tf.layers. */
export function activate(name: ActivationName, x: Tensor): Tensor {
  if (name === 'linear') return x;
  const [cls] = serialization.SerializationMap.getMap().classNameMap[name]!;
  return (new cls() as unknown as { apply(x: Tensor): Tensor }).apply(x);
}

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473766;

/**
 * The slope of an activation as a function of its output y, for those whose output tells it.
 * A fused gradient keeps y alone and never the value before the activation.
 */
export const slopeFromOutput: Partial<Record<ActivationName, (y: Tensor) => Tensor>> = {
  elu: (y) => add(minimum(y, scalar(0)), 1),
  hardSigmoid: (y) => mul(mul(step(y), step(sub(1, y))), 0.2),
  relu: (y) => step(y),
  relu6: (y) => mul(step(y), step(sub(6, y))),
  selu: (y) => where(lessEqual(y, 0), add(y, SELU_SCALE_ALPHA), scalar(SELU_SCALE)),
  sigmoid: (y) => mul(y, sub(1, y)),
  softplus: (y) => sub(1, exp(neg(y))),
  softsign: (y) => square(sub(1, abs(y))),
  tanh: (y) => sub(1, square(y)),
};
