import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Answer, ModelName } from '../protocol.js';
import { autoencoder } from './autoencoder.js';
import { resnet } from './resnet.js';

/** What a step of training sees. */
export interface Batch {
  /** Images, `[b, 28, 28, 1]`. */
  x: Tensor4D;
  /** What they show, one-hot, `[b, 10]`. */
  labels: Tensor;
}

/** A kind of model: how to make, to judge and to ask one. */
export interface Kind {
  make(): LayersModel;
  loss(batch: Batch, output: Tensor): Scalar;
  answer(model: LayersModel, x: Tensor4D): Promise<Answer>;
}

export const KINDS: Record<ModelName, Kind> = { autoencoder, resnet };
