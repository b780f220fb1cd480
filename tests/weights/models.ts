import type { serialization } from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  type LayersModel,
  layers,
  model as makeModel,
  sequential,
} from '@tensorflow/tfjs-layers';
import { BatchNorm, CroppedConv2DTranspose } from '../../src/index.js';

const inputShape = [7, 7, 2];

/** The network of tools/weights.py's `TorchNet`, its modules nested as models. */
export function torchNet(): LayersModel {
  const features = sequential({
    name: 'features',
    layers: [
      layers.conv2d({ name: '0', inputShape, filters: 3, kernelSize: [3, 2], strides: 2 }),
      new BatchNorm({ name: '1', epsilon: 1e-5 }),
      layers.reLU({ name: '2' }),
    ],
  });
  return sequential({
    layers: [
      features,
      layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 2, depthMultiplier: 1 }),
      new CroppedConv2DTranspose({ name: 'up', filters: 4, kernelSize: [2, 3], useBias: false }),
      layers.globalAveragePooling2d({ name: 'mean' }),
      layers.dense({ name: 'fc', units: 5 }),
    ],
  });
}

/** The network of tools/weights.py's `keras_net`; `called` gives other names to its layers. */
export function kerasNet(called: (name: string) => string = (name) => name): LayersModel {
  const inner = sequential({
    name: called('inner'),
    layers: [
      layers.conv2d({ name: called('narrow'), inputShape: [3, 3, 3], filters: 2, kernelSize: 2 }),
      new BatchNorm({ name: called('bn') }),
    ],
  });
  const stack = [
    layers.conv2d({ name: called('conv'), filters: 3, kernelSize: 3, useBias: false }),
    layers.depthwiseConv2d({ name: called('depthwise'), kernelSize: 3, depthMultiplier: 1 }),
    inner,
    new CroppedConv2DTranspose({ name: called('up'), filters: 2, kernelSize: 3, strides: 2 }),
    layers.globalAveragePooling2d({ name: called('mean') }),
    layers.dense({ name: called('top'), units: 4 }),
  ];
  const x = input({ shape: inputShape });
  const outputs = stack.reduce((y, layer) => layer.apply(y) as typeof x, x);
  return makeModel({ inputs: x, outputs });
}

/** The network of tools/weights.py's `renorm_net`. */
export function renormNet(): LayersModel {
  return sequential({ layers: [new BatchNorm({ name: 'bn', inputShape, renorm: true })] });
}

/** The network of tools/weights.py's `slim_net`, its scopes joined to names of layers. */
export function slimNet(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({ name: 'net_conv1', inputShape, filters: 3, kernelSize: 3, useBias: false }),
      new BatchNorm({ name: 'net_conv1_BatchNorm', activation: 'relu', renorm: true }),
      new CroppedConv2DTranspose({ name: 'net_up', filters: 4, kernelSize: 3, strides: 2 }),
      layers.globalAveragePooling2d({ name: 'net_mean' }),
      layers.dense({ name: 'net_logits', units: 5 }),
    ],
  });
}

/** A layer with the weights that a test asks for, all zero. */
class Holder extends layers.Layer {
  static readonly className = 'TestHolder';

  constructor(readonly shapes: Record<string, number[]>) {
    super({ name: 'holder', inputShape: [1] });
  }

  override build(): void {
    for (const [name, shape] of Object.entries(this.shapes)) {
      this.addWeight(name, shape, 'float32', initializers.zeros());
    }
    this.built = true;
  }

  override getConfig(): serialization.ConfigDict {
    return super.getConfig();
  }
}

/** A model whose weights are `holder/…` of these shapes, all zero. */
export function holder(shapes: Record<string, number[]>): LayersModel {
  return sequential({ layers: [new Holder(shapes)] });
}

/** The values of a model's weights, in order. */
export function weightsOf(model: LayersModel): number[][] {
  return model.getWeights().map((weight) => Array.from(weight.dataSync()));
}
