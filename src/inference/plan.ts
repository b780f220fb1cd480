import type { layers } from '@tensorflow/tfjs-layers';
import { normConfig } from './affine.js';
import type { Graph, Op, Value } from './graph.js';
import { channelAxis, linear, readsNoPadding } from './linear.js';

type Layer = layers.Layer;

/** A call that stays, and what it takes over from its neighbours. */
export interface Kernel extends Op {
  before?: Layer;
  after: Layer[];
  activation?: string;
}

/** Layers that hand on their input in inference. */
const IDENTITIES = new Set([
  'ActivityRegularization',
  'AlphaDropout',
  'Blocks.DropPath',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'SpatialDropout1D',
]);

/** Activations of one element alone, which every layer with an activation knows. */
const ACTIVATIONS = new Set(['relu', 'relu6', 'elu', 'selu', 'sigmoid', 'tanh', 'softplus']);

/** Says which calls stay, which go into others, and why the rest can't. */
export class Plan {
  readonly kernels: Kernel[] = [];
  /** The paths of layers that are gone, with that of the layer that does their work, if any does. */
  readonly fused: { layer: string; into: string | null }[] = [];
  readonly kept: { layer: string; reason: string }[] = [];
  readonly #graph: Graph;
  /** How many calls and outputs take a value. */
  readonly #uses = new Map<Value, number>();
  readonly #makers = new Map<Value, Kernel>();
  /** What stands for a value whose call is gone. */
  readonly #aliases = new Map<Value, Value>();

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const value of [...graph.ops.flatMap(({ inputs }) => inputs), ...graph.outputs]) {
      this.#uses.set(value, (this.#uses.get(value) ?? 0) + 1);
    }
    for (const op of graph.ops) this.#add(op);
    this.#foldForward();
  }

  /** The value that a call or output of the graph takes now. */
  resolve(value: Value): Value {
    const alias = this.#aliases.get(value);
    return alias ? this.resolve(alias) : value;
  }

  #add(op: Op): void {
    const reason = this.#reasonToKeep(op);
    if (reason === undefined) return;
    const kernel: Kernel = { ...op, after: [] };
    this.kernels.push(kernel);
    for (const output of op.outputs) this.#makers.set(output, kernel);
    if (reason) this.kept.push({ layer: op.path, reason });
  }

  /** Undefined if the call is gone; empty for what is no candidate. */
  #reasonToKeep(op: Op): string | undefined {
    const { layer, kwargs } = op;
    const norm = normConfig(layer);
    const identity = IDENTITIES.has(layer.getClassName()) || activationOf(layer) === 'linear';
    const activation = norm ? undefined : activationOf(layer);
    if (!norm && !identity && !activation) return '';
    const trains = norm?.training && !norm.frozen && layer.trainable;
    if (kwargs.training || trains) return 'it is called in training mode';
    const from = this.resolve(op.inputs[0]!);
    if (identity) {
      if (this.#graph.inputs.includes(from)) return "its input is the model's own";
      this.#drop(op, from, null);
      return undefined;
    }
    const maker = this.#makers.get(from);
    const shape = maker && linear(maker.layer);
    if (!maker || !shape) return 'what it follows has no kernel';
    if (this.#uses.get(from)! > 1) return `others use the output of '${maker.path}' too`;
    if (actsAfterwards(maker)) return `'${maker.path}' ends in an activation`;
    if (norm) {
      const { rank } = layer.inboundNodes[0]!.inputTensors[0]!;
      const axis = norm.axis < 0 ? norm.axis + rank : norm.axis;
      if (axis !== channelAxis(maker.layer, rank))
        return 'it normalises another axis than channels';
      maker.after.push(layer);
      if (norm.activation && norm.activation !== 'linear') maker.activation = norm.activation;
    } else {
      if (!ACTIVATIONS.has(activation!)) return `${activation} can't be part of another layer`;
      maker.activation = activation;
    }
    this.#drop(op, from, maker.path);
    return undefined;
  }

  /** The call is gone: who took its output takes `from`. */
  #drop(op: Op, from: Value, into: string | null): void {
    const output = op.outputs[0]!;
    this.#aliases.set(output, from);
    this.#uses.set(from, this.#uses.get(from)! - 1 + (this.#uses.get(output) ?? 0));
    this.fused.push({ layer: op.path, into });
  }

  /** A normalisation that only a linear layer without padding reads goes into that layer. */
  #foldForward(): void {
    for (const norm of this.kernels.filter(({ layer }) => normConfig(layer))) {
      const user = this.kernels.find(({ inputs }) =>
        inputs.some((value) => this.resolve(value) === norm.outputs[0]),
      );
      const config = normConfig(norm.layer)!;
      const { rank } = norm.layer.inboundNodes[0]!.inputTensors[0]!;
      const axis = config.axis < 0 ? config.axis + rank : config.axis;
      const fits =
        user &&
        linear(user.layer)?.input !== undefined &&
        readsNoPadding(user.layer) &&
        axis === rank - 1 &&
        channelAxis(user.layer, rank) === axis;
      const listed = this.kept.findIndex(({ layer }) => layer === norm.path);
      const trains = this.kept[listed]?.reason.startsWith('it is called');
      const acts = config.activation && config.activation !== 'linear';
      if (!fits || trains || acts || this.#uses.get(norm.outputs[0]!) !== 1) continue;
      user.before = norm.layer;
      this.kernels.splice(this.kernels.indexOf(norm), 1);
      this.kept.splice(listed, 1);
      this.#drop(norm, this.resolve(norm.inputs[0]!), user.path);
    }
  }
}

/** The activation that an activation layer applies, by name. */
function activationOf(layer: Layer): string | undefined {
  const config = layer.getConfig() as { activation?: string; maxValue?: number | null };
  switch (layer.getClassName()) {
    case 'Activation':
      return config.activation;
    case 'ReLU':
      return config.maxValue == null ? 'relu' : config.maxValue === 6 ? 'relu6' : undefined;
    default:
      return undefined;
  }
}

function actsAfterwards({ layer, activation }: Kernel): boolean {
  const own = (layer.getConfig() as { activation?: string }).activation ?? 'linear';
  return activation !== undefined || own !== 'linear';
}
