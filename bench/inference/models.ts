import { tensor, tidy } from '@tensorflow/tfjs-core';
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { autoencoder, data } from '../models.js';

type X = SymbolicTensor;

/** A network of the goals, of stock layers alone, at batch 1. */
export interface Network {
  name: string;
  make: () => LayersModel;
}

export const NETWORKS: Network[] = [
  { name: 'ResNet-50', make: () => resNet([3, 4, 6, 3], true) },
  { name: 'ResNet-18', make: () => resNet([2, 2, 2, 2], false) },
  { name: 'autoencoder', make: autoencoder },
];

/** A residual network for 224×224 pixels (He et al. 2016), with the stride in the 3×3 convolution. */
function resNet(units: number[], bottleneck: boolean): LayersModel {
  const conv = (x: X, filters: number, kernelSize: number, strides = 1) => {
    // Padding that doesn't depend on the size, as in torchvision.
    const padded = strides > 1 && kernelSize > 1 ? pad(x, kernelSize >> 1) : x;
    const y = layers
      .conv2d({
        ...{ filters, kernelSize, strides, useBias: false },
        padding: padded === x ? 'same' : 'valid',
      })
      .apply(padded) as X;
    return layers.batchNormalization({ epsilon: 1e-5 }).apply(y) as X;
  };
  const pad = (x: X, by: number) =>
    layers
      .zeroPadding2d({
        padding: [
          [by, by],
          [by, by],
        ],
      })
      .apply(x) as X;
  const relu = (x: X) => layers.activation({ activation: 'relu' }).apply(x) as X;
  const x = input({ shape: [224, 224, 3] });
  let y = relu(conv(x, 64, 7, 2));
  y = layers.maxPooling2d({ poolSize: 3, strides: 2 }).apply(pad(y, 1)) as X;
  for (const [stage, count] of units.entries()) {
    const width = 64 * 2 ** stage;
    const filters = bottleneck ? width * 4 : width;
    for (let unit = 0; unit < count; unit++) {
      const strides = stage > 0 && unit === 0 ? 2 : 1;
      const plain = strides === 1 && y.shape[3] === filters;
      const shortcut = plain ? y : conv(y, filters, 1, strides);
      const residual = bottleneck
        ? conv(relu(conv(relu(conv(y, width, 1)), width, 3, strides)), filters, 1)
        : conv(relu(conv(y, width, 3, strides)), width, 3);
      y = relu(layers.add().apply([residual, shortcut]) as X);
    }
  }
  y = layers.globalAveragePooling2d({}).apply(y) as X;
  y = layers.dense({ units: 1000 }).apply(y) as X;
  return model({ inputs: x, outputs: y });
}

/** Gives a model's weights values that keep the size of what flows through; normalisations differ. */
export function scramble(network: LayersModel): void {
  tidy(() => {
    const values = network.weights.map(({ shape, originalName }, i) => {
      const sizes = shape as number[];
      const values = data(sizes, i + 1).dataSync();
      const inputs = sizes.slice(0, -1).reduce((a, b) => a * b, 1);
      const spread = sizes.length > 1 ? Math.sqrt(6 / inputs) : 0.2;
      const middle = /variance|gamma/.test(originalName) ? 1 : 0;
      return tensor(
        values.map((value) => middle + spread * (2 * value - 1)),
        sizes,
      );
    });
    network.setWeights(values);
  });
}
