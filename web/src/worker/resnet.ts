import { losses, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { resNetV1 } from 'tfjs-blocks';
import { DIGITS, SIDE } from '../protocol.js';
import type { Kind } from './Kind.js';

/** The smallest residual network for CIFAR, half as wide, for one channel: ten scores, and their softmax. */
export const resnet: Kind = {
  lossName: 'categoricalCrossentropy',

  make() {
    const scores = resNetV1({
      depth: 8,
      width: 0.5,
      inputShape: [SIDE, SIDE, 1],
      classes: DIGITS,
      classifierActivation: 'linear',
    });
    return sequential({ layers: [scores, layers.softmax()] });
  },

  // Of the scores, since the logarithm of a small probability is inexact.
  loss(model, { x, labels }, training) {
    const scores = model.layers[0]!.apply(x, { training }) as Tensor;
    return losses.softmaxCrossEntropy(labels, scores) as Scalar;
  },

  async answer(model, x) {
    const probabilities = model.apply(x) as Tensor;
    try {
      return { model: 'resnet', probabilities: (await probabilities.data()) as Float32Array };
    } finally {
      probabilities.dispose();
    }
  },
};
