import { dispose, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  type LayersModel,
  type LayerVariable,
  type SymbolicTensor,
  model as tfModel,
} from '@tensorflow/tfjs-layers';
import { refuse } from '../core/args.js';
import { isModel, stepsOf } from '../core/steps.js';
import { walk } from '../core/walk.js';
import { type Moments, moments } from './moments.js';
import type { SummaryWriter } from './SummaryWriter.js';
import { ownWeights } from './weights.js';

/**
 * Writes how every weight of a model is distributed: the scalars `weights/<layer>/<weight>/mean`,
 * `/stddev`, `/min` and `/max` and the histogram `…/histogram`. These are the `variable_summaries` of
 * TensorFlow's TensorBoard tutorial. The layers of a nested model or of a block come under its name.
 *
 * @param writer - Where to.
 * @param model - A built model.
 * @param step - The training step.
 *
 * @example
 * ```ts
 * await summarizeVariables(writer, model, step);
 * ```
 */
export async function summarizeVariables(
  writer: SummaryWriter,
  model: LayersModel,
  step: number,
): Promise<void> {
  const tags = new Map<LayerVariable, string>();
  for (const { path, layer } of walk(model)) {
    for (const [name, weight] of ownWeights(layer)) {
      if (!tags.has(weight)) tags.set(weight, ['weights', ...path, name].join('/'));
    }
  }
  const reads = [...tags].map(async ([weight, tag]) => [tag, await weight.read().data()] as const);
  for (const [tag, values] of await Promise.all(reads)) {
    await summarize(writer, tag, values, step);
  }
}

/**
 * Writes how the output of every layer is distributed for given inputs, in inference mode: what
 * `summarizeVariables` writes, under `activations/<layer>`, and `/zero_fraction`, the share of zeros:
 * 1 is a layer whose ReLUs are all dead.
 *
 * @param writer - Where to.
 * @param model - A built model.
 * @param inputs - A batch, or a list of one per input of the model.
 * @param step - The training step.
 *
 * @example
 * ```ts
 * await summarizeActivations(writer, model, heldOut, step);
 * ```
 */
export async function summarizeActivations(
  writer: SummaryWriter,
  model: LayersModel,
  inputs: Tensor | Tensor[],
  step: number,
): Promise<void> {
  const feeds = Array.isArray(inputs) ? inputs : [inputs];
  if (feeds.length !== model.inputs.length) {
    refuse('summarizeActivations', 'inputs', `${model.inputs.length} tensors`, feeds.length);
  }
  const found = new Map<string, Tensor>();
  // Only what `found` names leaves the tidy.
  tidy(() => {
    collect(model, feeds, '', found);
    return [...found.values()];
  });
  try {
    for (const [name, tensor] of found) {
      const tag = `activations/${name}`;
      const { zeroFraction } = await summarize(writer, tag, await tensor.data(), step);
      writer.scalar(`${tag}/zero_fraction`, zeroFraction, step);
    }
  } finally {
    dispose([...found.values()]);
  }
}

/** The output of each layer by its path; the second output of a layer, and the second call, count up. */
function collect(
  model: LayersModel,
  inputs: Tensor[],
  scope: string,
  found: Map<string, Tensor>,
): void {
  const steps = stepsOf(model);
  const wanted = [...new Set(steps.flatMap((step) => [...step.inputs, ...step.outputs]))];
  const values = evaluate(model, wanted, inputs);
  for (const step of steps) {
    const path = scope + step.layer.name;
    if (isModel(step.layer)) {
      const feeds = step.inputs.map((tensor) => values.get(tensor)!);
      collect(step.layer, feeds, `${path}/`, found);
    } else {
      for (const output of step.outputs) {
        let name = path;
        for (let i = 1; found.has(name); i++) name = `${path}_${i}`;
        found.set(name, values.get(output)!);
      }
    }
  }
}

/** The values of symbolic tensors of a model, in one pass. */
function evaluate(
  model: LayersModel,
  wanted: SymbolicTensor[],
  inputs: Tensor[],
): Map<SymbolicTensor, Tensor> {
  const known = new Map(model.inputs.map((input, i) => [input, inputs[i]!]));
  const unknown = wanted.filter((tensor) => !known.has(tensor));
  // Named, so that the models of the program keep the names they would have without it.
  const parts = tfModel({ inputs: model.inputs, outputs: unknown, name: 'activations' });
  const outputs = parts.apply(inputs);
  const list = Array.isArray(outputs) ? outputs : [outputs];
  for (const [i, tensor] of unknown.entries()) known.set(tensor, list[i] as Tensor);
  return known;
}

async function summarize(
  writer: SummaryWriter,
  tag: string,
  values: ArrayLike<number>,
  step: number,
): Promise<Moments> {
  const found = moments(values);
  for (const key of ['mean', 'stddev', 'min', 'max'] as const) {
    writer.scalar(`${tag}/${key}`, found[key], step);
  }
  await writer.histogram(`${tag}/histogram`, values, step);
  return found;
}
