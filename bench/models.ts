import { type Tensor, tensor, util } from '@tensorflow/tfjs-core';
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';

/** The autoencoder of the goals: 28×28 digits through two strided convolutions to 32 numbers and back. */
export function autoencoder(): LayersModel {
  const conv = (filters: number, inputShape?: number[]) =>
    layers.conv2d({
      filters,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      useBias: false,
      inputShape,
    });
  const up = (filters: number, last = false) =>
    layers.conv2dTranspose({
      ...{ filters, kernelSize: 3, strides: 2, padding: 'same', useBias: last },
      activation: last ? 'sigmoid' : 'linear',
    });
  const norm = () => layers.batchNormalization({});
  const relu = () => layers.activation({ activation: 'relu' });
  return sequential({
    layers: [
      ...[conv(16, [28, 28, 1]), norm(), relu()],
      ...[conv(32), norm(), relu()],
      layers.flatten(),
      layers.dense({ units: 32 }),
      layers.dense({ units: 7 * 7 * 32, activation: 'relu' }),
      layers.reshape({ targetShape: [7, 7, 32] }),
      ...[up(16), norm(), relu(), up(1, true)],
    ],
  });
}

/** ResNet-20 of He et al. 2016 (section 4.2) with projection shortcuts, on 32×32×3. */
export function resNet20(): LayersModel {
  const conv = (x: SymbolicTensor, filters: number, kernelSize: number, strides: number) =>
    norm(
      layers
        .conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false })
        .apply(x) as SymbolicTensor,
    );
  const norm = (x: SymbolicTensor) => layers.batchNormalization({}).apply(x) as SymbolicTensor;
  const relu = (x: SymbolicTensor) =>
    layers.activation({ activation: 'relu' }).apply(x) as SymbolicTensor;
  const x = input({ shape: [32, 32, 3] });
  let y = relu(conv(x, 16, 3, 1));
  for (const [stage, filters] of [16, 32, 64].entries()) {
    for (let unit = 0; unit < 3; unit++) {
      const strides = stage > 0 && unit === 0 ? 2 : 1;
      const shortcut = strides > 1 ? conv(y, filters, 1, strides) : y;
      const residual = conv(relu(conv(y, filters, 3, strides)), filters, 3, 1);
      y = relu(layers.add().apply([residual, shortcut]) as SymbolicTensor);
    }
  }
  const pooled = layers.globalAveragePooling2d({}).apply(y) as SymbolicTensor;
  const classes = layers.dense({ units: 10, activation: 'softmax' }).apply(pooled);
  return model({ inputs: x, outputs: classes as SymbolicTensor });
}

/** Numbers in [0, 1) that are the same in every run. */
export function data(shape: number[], seed = 1): Tensor {
  let state = seed;
  const values = Float32Array.from({ length: util.sizeFromShape(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
  return tensor(values, shape);
}
