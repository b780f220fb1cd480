import { losses, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { BatchNorm, mirror } from 'tfjs-blocks';
import { CODE, SIDE } from '../protocol.js';
import type { Kind } from './Kind.js';

const STEP = { kernelSize: 3, strides: 2, padding: 'same', useBias: false } as const;

/** 28×28 → 14×14×16 → 7×7×32 → 32 numbers, and back by the mirrored decoder. */
export const autoencoder: Kind = {
  lossName: 'meanSquaredError',

  make() {
    const start = (seed: number) => initializers.heNormal({ seed });
    const encoder = sequential({
      name: 'encoder',
      layers: [
        layers.conv2d({
          ...{ ...STEP, filters: 16, kernelInitializer: start(1) },
          inputShape: [SIDE, SIDE, 1],
        }),
        new BatchNorm({ activation: 'relu' }),
        layers.conv2d({ ...STEP, filters: 32, kernelInitializer: start(2) }),
        new BatchNorm({ activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: CODE, kernelInitializer: start(3) }),
      ],
    });
    const decoder = mirror(encoder, { activation: 'sigmoid', name: 'decoder' });
    return sequential({ layers: [encoder, decoder] });
  },

  loss: (model, { x }, training) =>
    losses.meanSquaredError(x, model.apply(x, { training }) as Tensor) as Scalar,

  async answer(model, x) {
    const [encoder, decoder] = model.layers as unknown as [LayersModel, LayersModel];
    const [codes, images] = tidy(() => {
      const code = encoder.apply(x) as Tensor;
      return [code, decoder.apply(code) as Tensor] as const;
    });
    try {
      const [codeValues, imageValues] = await Promise.all([codes.data(), images.data()]);
      return {
        model: 'autoencoder',
        codes: codeValues as Float32Array,
        images: imageValues as Float32Array,
      };
    } finally {
      codes.dispose();
      images.dispose();
    }
  },
};
