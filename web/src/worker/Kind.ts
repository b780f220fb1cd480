import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Answer } from '../protocol.js';

/** What a step of training sees. */
export interface Batch {
  /** Images, `[b, 28, 28, 1]`. */
  x: Tensor4D;
  /** What they show, one-hot, `[b, 10]`. */
  labels: Tensor;
}

/** A kind of model: how to make, to judge and to ask one. */
export interface Kind {
  /** The name that tf.layers has for the loss. */
  lossName: string;
  make(): LayersModel;
  loss(model: LayersModel, batch: Batch, training: boolean): Scalar;
  answer(model: LayersModel, x: Tensor4D): Promise<Answer>;
}
