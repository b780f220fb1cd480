import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type DataSet, parts, range, type Samples, sampleCount, take } from './data.js';

/** A scalar that says how far outputs are from targets, as a mean over the samples. */
export type LossFunction = (target: Samples, output: Samples) => Tensor;

/** The mean loss over a data set in inference, batch by batch. */
export async function evaluate(
  model: LayersModel,
  data: DataSet,
  loss: LossFunction,
  batchSize: number,
): Promise<number> {
  const count = sampleCount('validation', data);
  let total = 0;
  for (const indices of parts(range(count), batchSize)) {
    const value = tidy(() => {
      const { x, y } = take(data, indices);
      return loss(y, model.apply(x, { training: false }) as Samples) as Scalar;
    });
    total += (await value.data())[0]! * indices.length;
    value.dispose();
  }
  return total / count;
}
