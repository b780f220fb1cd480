import { gather, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { OptionError, show } from '../core/args.js';

/** Inputs or targets of a model, samples along the first axis. */
export type Samples = Tensor | Tensor[];

/** Inputs and the targets that belong to them. */
export interface DataSet {
  /** What the model takes. */
  x: Samples;
  /** What the loss compares its outputs with. */
  y: Samples;
}

/** The number of samples, the same in all inputs and targets. */
export function sampleCount(option: string, { x, y }: DataSet): number {
  const tensors = [x, y].flat();
  const counts = tensors.map((t) => t.shape[0] ?? 0);
  if (!(counts[0]! > 0) || counts.some((count) => count !== counts[0])) {
    const shapes = tensors.map((t) => t.shape);
    throw new OptionError(
      `trainLoop: ${option} must have as many inputs as targets, at least one, got shapes ${show(shapes)}`,
    );
  }
  return counts[0]!;
}

/** Some of the samples. */
export function take({ x, y }: DataSet, indices: Int32Array): DataSet {
  const picked = tensor1d(indices, 'int32');
  const pick = (samples: Samples): Samples =>
    Array.isArray(samples) ? samples.map((t) => gather(t, picked)) : gather(samples, picked);
  return { x: pick(x), y: pick(y) };
}

/** Cuts a list into parts of so many, the last one smaller. */
export function* parts(indices: Int32Array, size: number): Generator<Int32Array> {
  for (let i = 0; i < indices.length; i += size) yield indices.subarray(i, i + size);
}

/** 0 … n − 1. */
export function range(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => i);
}
