import { util } from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { OptionError, positiveInt, show } from '../core/args.js';
import type { Shape } from '../core/inputs.js';
import { type Step, stepsOf } from '../core/steps.js';
import { modelInside } from '../core/walk.js';
import { ResidualBlock } from './ResidualBlock.js';
import { Tie } from './Tie.js';

type Layer = layers.Layer;

/** Options of {@link modelCost}. */
export interface ModelCostOptions {
  /** The number of images. Default 1. */
  batch?: number;
  /** Height, width and channels of the input, where the model leaves them open. Default: its own. */
  inputShape?: Shape;
}

/** What one layer, or the whole model, costs. */
export interface LayerCost {
  /** The names that lead to the layer, joined by `/`. */
  name: string;
  /** The layer's class. */
  type: string;
  /** The shape of the output, with the batch. */
  outputShape: number[];
  /** The number of parameters, trainable or not. */
  parameters: number;
  /** Multiplications with addition of convolutions and dense layers. */
  multiplyAdds: number;
  /** The bytes of the output. */
  outputBytes: number;
  /** The bytes of outputs that are needed while it is computed in inference, its own among them. */
  inferenceBytes: number;
  /** The bytes that it keeps for the backward pass: its output's, or none where it is recomputed. */
  trainingBytes: number;
}

/** What a model costs. */
export interface ModelCost {
  /** Each call of a layer in the order of the computation, those inside blocks and models too. */
  layers: LayerCost[];
  /** The number of parameters, trainable or not, each once. */
  parameters: number;
  /** The sum of those of the layers. */
  multiplyAdds: number;
  /**
   * The largest sum of bytes of outputs that are needed at one time in inference: those whose last
   * reader is still to come, beside the one that is computed.
   */
  inferenceBytes: number;
  /** The sum of what the layers keep for the backward pass; less with `recompute`. */
  trainingBytes: number;
  /** The same as a table. */
  toString(): string;
}

/**
 * What a model costs: for each layer and in total the parameters, the multiplications with addition,
 * and the bytes of activations in inference and in training.
 *
 * @param options.batch - Default 1.
 * @param options.inputShape - Where the model leaves height and width open.
 * @throws {@link OptionError} for a model whose shapes are not known.
 *
 * @example
 * ```ts
 * const cost = modelCost(resNetV1({ depth: 50 }));
 * console.log(String(cost));           // a table
 * cost.multiplyAdds;                   // 4089184256
 * ```
 */
export function modelCost(model: LayersModel, options: ModelCostOptions = {}): ModelCost {
  const batch = positiveInt('modelCost', 'batch', options.batch ?? 1);
  const shapes = model.inputs.map(({ shape }) => {
    const given = options.inputShape;
    const size = shape.slice(1).map((n, i) => n ?? given?.[i] ?? null);
    if (size.includes(null)) {
      throw new OptionError(
        `modelCost: inputShape must be given for an input of shape ${show(shape)}`,
      );
    }
    return [batch, ...size] as number[];
  });
  const counter = new Counter();
  counter.model(model, shapes, '');
  const layers = counter.costs;
  const cost = {
    layers,
    parameters: count(model.weights),
    multiplyAdds: sum(layers.map((layer) => layer.multiplyAdds)),
    inferenceBytes: counter.peak,
    trainingBytes: sum(layers.map((layer) => layer.trainingBytes)),
  };
  return { ...cost, toString: () => table(cost) };
}

class Counter {
  readonly costs: LayerCost[] = [];
  /** The bytes of outputs that are live. */
  live = 0;
  peak = 0;

  /** Counts the steps of a model; returns the shapes of its outputs, which stay live. */
  model(model: LayersModel, inputs: number[][], path: string): number[][] {
    const shapes = new Map(model.inputs.map((input, i) => [input, inputs[i]!]));
    const steps = stepsOf(model);
    const lastReader = new Map<SymbolicTensor, Step>();
    for (const step of steps) for (const tensor of step.inputs) lastReader.set(tensor, step);
    for (const step of steps) {
      const from = step.inputs.map((tensor) => shapes.get(tensor)!);
      const results = this.layer(step.layer, from, path);
      for (const [i, tensor] of step.outputs.entries()) shapes.set(tensor, results[i]!);
      for (const tensor of new Set(step.inputs)) {
        const needed = lastReader.get(tensor) !== step || model.outputs.includes(tensor);
        if (!needed && !model.inputs.includes(tensor)) this.live -= bytes(shapes.get(tensor)!);
      }
    }
    return model.outputs.map((tensor) => shapes.get(tensor)!);
  }

  layer(layer: Layer, inputs: number[][], path: string): number[][] {
    const inside = modelInside(layer);
    if (inside) {
      const before = this.costs.length;
      const outputs = this.model(inside, inputs, `${path}${layer.name}/`);
      // The last layer's output is the block's own.
      if (recomputes(layer)) {
        for (const cost of this.costs.slice(before, -1)) cost.trainingBytes = 0;
      }
      return outputs;
    }
    const result = layer.computeOutputShape(inputs.length === 1 ? inputs[0]! : inputs);
    const outputs = (Array.isArray(result[0]) ? result : [result]) as number[][];
    const size = sum(outputs.map(bytes));
    this.live += size;
    this.peak = Math.max(this.peak, this.live);
    this.costs.push({
      name: path + layer.name,
      type: layer.getClassName(),
      outputShape: outputs[0]!,
      parameters: count(layer.weights),
      multiplyAdds: multiplyAdds(layer, inputs[0]!, outputs[0]!),
      outputBytes: size,
      inferenceBytes: this.live,
      trainingBytes: size,
    });
    return outputs;
  }
}

/** The layers whose kernel meets every pixel of the input, not of the output. */
const BY_INPUT = /Transpose$|RNN$|GRU$|LSTM$/;

function multiplyAdds(layer: Layer, input: number[], output: number[]): number {
  const own = layer.weights.filter(({ originalName }) => /[/_]kernel$/.test(originalName));
  const kernels = 'tie' in layer && layer.tie instanceof Tie ? [layer.tie.kernel] : own;
  const places = BY_INPUT.test(layer.getClassName()) ? input : output;
  return util.sizeFromShape(places.slice(0, -1)) * count(kernels);
}

/** Whether a block keeps nothing but its output for the backward pass. */
function recomputes(layer: Layer): boolean {
  return layer instanceof ResidualBlock && layer.options.recompute;
}

function count(weights: Pick<LayerVariable, 'shape'>[]): number {
  return sum(weights.map(({ shape }) => util.sizeFromShape(shape as number[])));
}

function bytes(shape: number[]): number {
  return 4 * util.sizeFromShape(shape);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function table(cost: Omit<ModelCost, 'toString'>): string {
  type Numbers = Omit<ModelCost, 'layers' | 'toString'>;
  const numbers = ({ parameters, multiplyAdds, inferenceBytes, trainingBytes }: Numbers) =>
    [parameters, multiplyAdds, inferenceBytes, trainingBytes].map((n) => n.toLocaleString('en'));
  const rows = [
    ['layer', 'output', 'parameters', 'multiply-adds', 'bytes in inference', 'in training'],
    ...cost.layers.map((layer) => [
      `${layer.name} (${layer.type})`,
      show(layer.outputShape),
      ...numbers(layer),
    ]),
    ['total', '', ...numbers(cost)],
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
  const inference =
    'Bytes of activations: in inference those needed at one time, at most in total;';
  return [...lines, inference, 'in training those kept for the backward pass.'].join('\n');
}
