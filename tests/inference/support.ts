import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { noise } from '../support/float64.js';

/** Gives every weight of a model a value of its own; variances are positive. */
export function scramble(model: LayersModel): void {
  tf.tidy(() => {
    const values = model.weights.map((weight, i) => {
      const shape = weight.shape as number[];
      const count = shape.reduce((a, b) => a * b, 1);
      const inputs = Math.max(1, count / (shape.at(-1) ?? 1));
      const scale = shape.length > 1 ? Math.sqrt(3 / inputs) : 0.5;
      const variance = /variance|gamma/.test(weight.originalName);
      return tf.tensor(
        Float32Array.from(noise(count, i + 1), (x) => (variance ? 1.2 + x : scale * x)),
        shape,
        'float32',
      );
    });
    model.setWeights(values);
  });
}

/** The largest difference of the outputs of two models, relative to the largest output. */
export async function difference(a: LayersModel, b: LayersModel, seed = 1): Promise<number> {
  const inputs = a.inputs.map(({ shape }, i) => {
    const sizes = [2, ...shape.slice(1).map((size) => size ?? 9)];
    const count = sizes.reduce((x, y) => x * y, 1);
    return tf.tensor(Float32Array.from(noise(count, seed + i)), sizes);
  });
  const run = (model: LayersModel) =>
    [model.predict(inputs.length > 1 ? inputs : inputs[0]!)].flat();
  const [before, after] = [run(a), run(b)];
  let worst = 0;
  for (const [i, y] of before.entries()) {
    const [expected, actual] = [await y.data(), await after[i]!.data()];
    if (expected.length !== actual.length) throw new Error('outputs of different size');
    const largest = Array.from(expected).reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      0,
    );
    for (const [j, value] of expected.entries()) {
      const error = Math.abs(value - actual[j]!) / largest;
      if (!(error <= worst)) worst = error;
    }
  }
  tf.dispose([inputs, before, after]);
  return worst;
}
