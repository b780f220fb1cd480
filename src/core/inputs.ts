import type { Tensor } from '@tensorflow/tfjs-core';
import { OptionError, show } from './args.js';

/** A tensor's or a layer's shape; `null` is a size that is not known yet. */
export type Shape = (number | null)[];

/** The one input of a layer: not a list of several, not disposed, of a rank in `ranks`. */
export function oneInput(
  owner: string,
  inputs: Tensor | Tensor[],
  ranks: readonly number[],
): Tensor {
  const list = Array.isArray(inputs) ? inputs : [inputs];
  if (list.length !== 1) {
    throw new OptionError(`${owner}: takes one input, got ${list.length}`);
  }
  return checkInput(owner, list[0]!, ranks);
}

/** Refuses a disposed tensor and a tensor of another rank. */
export function checkInput(owner: string, input: Tensor, ranks: readonly number[]): Tensor {
  if (input.isDisposed) {
    throw new OptionError(`${owner}: the input tensor of shape ${show(input.shape)} is disposed`);
  }
  checkRank(owner, input.shape, ranks);
  return input;
}

/** The one input shape of a layer, of a rank in `ranks`. */
export function oneShape(
  owner: string,
  inputShape: Shape | Shape[],
  ranks: readonly number[],
): Shape {
  const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
  checkRank(owner, shape, ranks);
  return shape;
}

function checkRank(owner: string, shape: Shape, ranks: readonly number[]): void {
  if (!ranks.includes(shape.length)) {
    const rule = ranks.length === 1 ? `${ranks[0]}` : `${ranks[0]} to ${ranks.at(-1)}`;
    throw new OptionError(`${owner}: the input's rank must be ${rule}, got shape ${show(shape)}`);
  }
}
