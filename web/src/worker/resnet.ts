import { losses, type Scalar, softmax, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { resNetV1 } from 'tfjs-blocks';
import { DIGITS, SIDE } from '../protocol.js';
import type { Kind } from './kinds.js';

/** The smallest residual network for CIFAR, half as wide, for one channel: ten scores. */
export const resnet: Kind = {
  make: () =>
    resNetV1({
      depth: 8,
      width: 0.5,
      inputShape: [SIDE, SIDE, 1],
      classes: DIGITS,
      classifierActivation: 'linear',
    }),

  loss: ({ labels }, output) => losses.softmaxCrossEntropy(labels, output) as Scalar,

  async answer(model, x) {
    const probabilities = tidy(() => softmax(model.predict(x) as Tensor));
    try {
      return { model: 'resnet', probabilities: (await probabilities.data()) as Float32Array };
    } finally {
      probabilities.dispose();
    }
  },
};
