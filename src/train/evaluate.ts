import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type DataSet, parts, range, type Samples, sampleCount, take } from './data.js';

/**
 * A scalar that says how far outputs are from targets, as a mean over the samples. Each is a tensor, or
 * a list where the model has several outputs; typed as both at once, so that a function of either fits.
 */
export type LossFunction = (target: Tensor & Tensor[], output: Tensor & Tensor[]) => Tensor;

/** The loss of these outputs. */
export function lossOf(loss: LossFunction, target: Samples, output: Samples): Scalar {
  type Both = Tensor & Tensor[];
  return loss(target as Both, output as Both) as Scalar;
}

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
      return lossOf(loss, y, model.apply(x, { training: false }) as Samples);
    });
    total += (await value.data())[0]! * indices.length;
    value.dispose();
  }
  return total / count;
}
