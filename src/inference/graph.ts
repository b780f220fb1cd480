import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { stepsOf } from '../core/steps.js';
import { modelInside } from '../core/walk.js';

type Layer = layers.Layer;

/** A tensor of the graph, known by its identity. */
export type Value = object;

/** One call of an ordinary layer. */
export interface Op {
  layer: Layer;
  /** The names that lead to the layer, joined by slashes. */
  path: string;
  inputs: Value[];
  outputs: Value[];
  /** What the layer was called with beside its inputs. */
  kwargs: { training?: boolean | null };
}

/** A model without models and blocks inside: the calls of its layers, each after those it needs. */
export interface Graph {
  inputs: Value[];
  outputs: Value[];
  ops: Op[];
}

/** Opens every model and block inside a model. */
export function graphOf(model: LayersModel): Graph {
  const inputs: Value[] = model.inputs.map(() => ({}));
  const ops: Op[] = [];
  return { inputs, outputs: open(model, inputs, '', ops), ops };
}

function open(model: LayersModel, inputs: Value[], path: string, ops: Op[]): Value[] {
  const values = new Map<SymbolicTensor, Value>(model.inputs.map((x, i) => [x, inputs[i]!]));
  let last: Value[] = inputs;
  for (const { layer, inputs: from, outputs: to } of stepsOf(model)) {
    const place = `${path}${layer.name}`;
    const given = from.map((x) => values.get(x)!);
    const inside = modelInside(layer);
    const node = layer.inboundNodes.find(({ outputTensors }) => outputTensors[0] === to[0]);
    const kwargs = (node?.callArgs as Op['kwargs'] | undefined) ?? {};
    const made = inside ? open(inside, given, `${place}/`, ops) : to.map(() => ({}));
    if (!inside) ops.push({ layer, path: place, inputs: given, outputs: made, kwargs });
    for (const [i, y] of to.entries()) values.set(y, made[i]!);
    last = made;
  }
  // A Sequential's own outputs may be those of a model inside it.
  return model.outputs.map((y, i) => values.get(y) ?? last[i]!);
}
