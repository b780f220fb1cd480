import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { PbfWriter } from 'pbf';
import { OptionError, show } from '../core/args.js';
import { isModel, stepsOf } from '../core/steps.js';
import { modelInside } from '../core/walk.js';
import {
  type AttrValue,
  DataType,
  type NodeDef,
  type TensorShape,
  writeGraphDef,
} from './messages.js';
import { ownWeights } from './weights.js';

type Layer = layers.Layer;
type Node = NodeDef & { name: string; inputs: Set<string> };

const utf8 = new TextEncoder();
const TYPES: Record<string, DataType> = {
  float32: DataType.DT_FLOAT,
  int32: DataType.DT_INT32,
  bool: DataType.DT_BOOL,
  string: DataType.DT_STRING,
  complex64: DataType.DT_COMPLEX64,
};

/**
 * A model's GraphDef, in bytes. `/` in a node's name opens a scope: a nested model is one around its
 * layers, a layer with weights is one around them, a block around its own layers. A layer that is
 * called twice has one node, with the inputs of both calls.
 */
export function graphDef(owner: string, model: LayersModel): Uint8Array {
  if (!isModel(model as Layer) || !model.outputs?.length) {
    const rule = 'a built LayersModel (an empty tf.sequential() has no graph)';
    throw new OptionError(`${owner}: graph takes ${rule}, got ${show(model?.name ?? model)}`);
  }
  const graph = new Graph();
  const inputs = model.inputs.map((input) => graph.addInput(input));
  graph.addModel(model, '', inputs);
  const node = [...graph.nodes.values()].map(({ inputs, ...def }) => ({
    ...def,
    input: [...inputs],
  }));
  const pbf = new PbfWriter();
  writeGraphDef({ node, versions: { producer: 22 } }, pbf);
  return pbf.finish();
}

class Graph {
  readonly nodes = new Map<string, Node>();
  readonly #names = new Map<object, string>();
  readonly #taken = new Set<string>();

  /**
   * Adds the nodes of a model below `scope`, with the edges from `feeds`, the node outputs that it is
   * called with. Returns the node outputs that are its results.
   */
  addModel(model: LayersModel, scope: string, feeds: string[]): string[] {
    const outputs = new Map(model.inputs.map((input, i) => [input, feeds[i]!]));
    for (const step of stepsOf(model)) {
      const from = step.inputs.map((tensor) => outputs.get(tensor)!);
      const results = isModel(step.layer)
        ? this.addModel(step.layer, `${this.#name(step.layer, scope + step.layer.name)}/`, from)
        : this.#addLayer(step.layer, scope, from, step.outputs);
      for (const [i, tensor] of step.outputs.entries()) outputs.set(tensor, results[i]!);
    }
    return model.outputs.map((tensor) => outputs.get(tensor)!);
  }

  /** Adds the node of a model's input. */
  addInput(input: SymbolicTensor): string {
    return this.#node(input, input.sourceLayer.name, 'Placeholder', [input]).name;
  }

  /** Adds the node of a layer; a block's stands behind the nodes of the layers inside it. */
  #addLayer(layer: Layer, scope: string, feeds: string[], results: SymbolicTensor[]): string[] {
    const node = this.#node(layer, scope + layer.name, layer.getClassName(), results);
    node.attr = { ...attributes(layer.getConfig()), ...node.attr };
    const inside = modelInside(layer);
    const inputs = inside ? this.addModel(inside, `${node.name}/`, feeds) : feeds;
    for (const input of inputs) node.inputs.add(input);
    for (const [weightName, weight] of ownWeights(layer)) {
      const variable = this.#node(weight, `${node.name}/${weightName}`, 'VariableV2', [weight]);
      node.inputs.add(variable.name);
    }
    return results.map((_, i) => (i === 0 ? node.name : `${node.name}:${i}`));
  }

  /** The node of a layer, an input or a weight; made at the first call. */
  #node(
    key: object,
    name: string,
    op: string,
    results: { shape: (number | null)[]; dtype: string }[],
  ): Node {
    const unique = this.#name(key, name);
    let node = this.nodes.get(unique);
    if (!node) {
      const attr: Record<string, AttrValue> = {};
      if (results.length > 0) {
        const shape = results.map((result) => shapeProto(result.shape));
        attr._output_shapes = { list: { shape } };
        attr.dtype = { type: TYPES[results[0]!.dtype] ?? DataType.DT_INVALID };
      }
      node = { name: unique, op, attr, inputs: new Set() };
      this.nodes.set(unique, node);
    }
    return node;
  }

  /** A name that nothing else has; the same one for the same key. */
  #name(key: object, wanted: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    let name = wanted;
    for (let i = 1; this.#taken.has(name); i++) name = `${wanted}_${i}`;
    this.#names.set(key, name);
    this.#taken.add(name);
    return name;
  }
}

function shapeProto(shape: (number | null)[]): TensorShape {
  return { dim: shape.map((size) => ({ size: size ?? -1 })) };
}

/** The simple options of a layer: what the graph tab lists when a node is picked. */
function attributes(config: Record<string, unknown>): Record<string, AttrValue> {
  const { name: _, ...options } = config;
  const entries = Object.entries(options).map(([key, value]) => [key, attribute(value)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function attribute(value: unknown): AttrValue | undefined {
  if (typeof value === 'boolean') return { b: value };
  if (Number.isSafeInteger(value)) return { i: value as number };
  if (typeof value === 'number') return { f: value };
  if (typeof value === 'string') return { s: utf8.encode(value) };
  if (Array.isArray(value)) return { s: utf8.encode(JSON.stringify(value)) };
  return undefined;
}
