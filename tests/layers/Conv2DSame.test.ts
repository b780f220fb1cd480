import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import type { ActivationName } from '../../src/core/activation.js';
import { Conv2DSame, type Conv2DSameArgs } from '../../src/index.js';
import cases from '../fixtures/convSame.json' with { type: 'json' };
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { tensorOf } from '../support/convolution64.js';
import { noise } from '../support/float64.js';
import { nameOf, saveAndLoad } from '../support/saveLoad.js';
import { outputAndGradients } from './gradients.js';

onEveryBackend(() => {
  for (const { name, options, ...golden } of cases) {
    it(`agrees with ${name}, forward and backward`, async () => {
      const of = ({ data, shape }: { data: number[]; shape: number[] }) => tf.tensor(data, shape);
      const weights = [of(golden.kernel), of(golden.bias)];
      const layer = new Conv2DSame({
        ...(options as Pick<Conv2DSameArgs, 'kernelSize' | 'strides'>),
        filters: golden.bias.shape[0]!,
        weights,
      });
      const [x, dy] = [of(golden.x), of(golden.dy)];
      const { y, gradients } = outputAndGradients(layer, [x], dy);
      await expectClose(y, golden.y.data, { shape: golden.y.shape });
      const expected = [golden.dx, golden.dKernel, golden.dBias];
      for (const [i, gradient] of gradients.entries()) {
        await expectClose(gradient, expected[i]!.data, { shape: expected[i]!.shape });
      }
      tf.dispose([weights, x, dy, y, gradients]);
      layer.dispose();
    });
  }

  it("is 'same' padding for stride 1, weights loading across", () => {
    const options = { filters: 3, kernelSize: [4, 3] as [number, number], inputShape: [5, 6, 2] };
    const stock = tfl.layers.conv2d({ ...options, padding: 'same', activation: 'relu' });
    const ours = new Conv2DSame({ ...options, activation: 'relu' });
    const models = [stock, ours].map((layer) => tfl.sequential({ layers: [layer] }));
    ours.setWeights(stock.getWeights());
    expect(ours.weights.map(nameOf)).toEqual(stock.weights.map(nameOf));
    const x = tensorOf(noise(60), [1, 5, 6, 2]);
    const [a, b] = models.map((model) => tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync()));
    for (const [i, value] of a!.entries()) expect(b![i]).toBeCloseTo(value, 5);
    tf.dispose([x]);
    for (const model of models) model.dispose();
  });

  it('knows its output shape, as far as the input is known', () => {
    const layer = new Conv2DSame({ filters: 8, kernelSize: 3, strides: [2, 3] });
    expect(layer.computeOutputShape([null, 9, 9, 1])).toEqual([null, 5, 3, 8]);
    expect(layer.computeOutputShape([4, null, 10, 1])).toEqual([4, null, 4, 8]);
  });

  it('sees even and odd images alike: output i is centred on input i·s', async () => {
    const layer = new Conv2DSame({ filters: 1, kernelSize: 3, strides: 2, useBias: false });
    const x = tensorOf(noise(81), [1, 9, 9, 1]);
    const cropped = tf.slice(x, [0, 0, 0, 0], [1, 8, 8, 1]);
    const [odd, even] = [layer.apply(x) as tf.Tensor, layer.apply(cropped) as tf.Tensor];
    const common = tf.slice(odd, [0, 0, 0, 0], [1, 4, 4, 1]);
    await expectClose(even, await common.data());
    tf.dispose([x, cropped, odd, even, common]);
    layer.dispose();
  });

  it('casts an int32 image, as tf.layers.conv2d does', async () => {
    const layer = new Conv2DSame({ filters: 2, kernelSize: 3, dilationRate: 2 });
    const image = tf.tensor4d([...Array(25).keys()], [1, 5, 5, 1], 'int32');
    const float = tf.cast(image, 'float32');
    const [y, expected] = [layer.apply(image) as tf.Tensor, layer.apply(float) as tf.Tensor];
    await expectClose(y, await expected.data());
    tf.dispose([image, float, y, expected]);
    layer.dispose();
  });

  it('makes an empty batch of an empty batch', () => {
    const layer = new Conv2DSame({ filters: 2, kernelSize: 3, strides: 2 });
    const x = tf.zeros([0, 5, 5, 1]);
    const y = layer.apply(x) as tf.Tensor;
    expect(y.shape).toEqual([0, 3, 3, 2]);
    tf.dispose([x, y]);
    layer.dispose();
  });

  it('keeps its options when it is saved and loaded, and computes the same', async () => {
    const layer = new Conv2DSame({
      filters: 2,
      kernelSize: [3, 2],
      dilationRate: [2, 3],
      strides: [2, 1],
      activation: 'softplus',
      kernelInitializer: tfl.initializers.heNormal({ seed: 3 }),
      kernelRegularizer: tfl.regularizers.l2({ l2: 0.01 }),
      useBias: false,
      inputShape: [5, 6, 2],
    });
    const model = tfl.sequential({ layers: [layer] });
    const loaded = await saveAndLoad(model);
    expect(loaded.layers[0]).toBeInstanceOf(Conv2DSame);
    expect(loaded.layers[0]!.getConfig()).toEqual(layer.getConfig());
    const x = tensorOf(noise(60), [1, 5, 6, 2]);
    const [a, b] = [model, loaded].map((m) =>
      tf.tidy(() => (m.predict(x) as tf.Tensor).dataSync()),
    );
    expect(b).toEqual(a);
    tf.dispose(x);
    model.dispose();
    loaded.dispose();
  });

  it('keeps every activation of tf.layers when it is saved and loaded', async () => {
    const names = 'elu gelu gelu_new hardSigmoid linear logSoftmax mish relu relu6 selu sigmoid';
    for (const name of `${names} softmax softplus softsign swish tanh`.split(' ')) {
      const activation = name as ActivationName;
      const options = { filters: 1, kernelSize: 1, activation, inputShape: [1, 1, 1] };
      const model = tfl.sequential({ layers: [new Conv2DSame(options)] });
      const loaded = await saveAndLoad(model);
      expect(loaded.layers[0]!.getConfig().activation).toBe(name);
      model.dispose();
      loaded.dispose();
    }
  });

  describe('refuses', () => {
    it.each([
      [{ filters: 1.5 }, 'filters must be a positive integer, got 1.5'],
      [{ kernelSize: 0 }, 'kernelSize must be a positive integer or a pair of them, got 0'],
      [{ strides: [1, 2, 3] }, 'strides must be a positive integer or a pair of them'],
      [{ dilationRate: -1 }, 'dilationRate must be a positive integer or a pair of them, got -1'],
      [{ useBias: 'no' }, "useBias must be true or false, got 'no'"],
      [{ biasRegularizer: 'l3' }, 'biasRegularizer must be one of'],
      [{ dataFormat: 'channelsFirst' }, "dataFormat must be one of 'channelsLast'"],
    ])('%j', (args, message) => {
      const make = () => new Conv2DSame({ filters: 1, kernelSize: 3, ...(args as object) });
      expect(make).toThrow(`Conv2DSame: ${message}`);
    });

    it('inputs of another rank or other channels, lists and unknown channels', () => {
      const layer = new Conv2DSame({ filters: 1, kernelSize: 3, name: 'conv' });
      expect(() => layer.build([null, 4, 4, null])).toThrow(
        "Conv2DSame 'conv': axis 3 must have a known size, got [null, 4, 4, null]",
      );
      layer.build([null, null, null, 2]);
      const [flat, other] = [tf.zeros([4, 4, 2]), tf.zeros([1, 4, 4, 3])];
      expect(() => layer.call(flat)).toThrow("Conv2DSame 'conv': the input's rank must be 4");
      expect(() => layer.call(other)).toThrow(
        "Conv2DSame 'conv': the input must have 2 channels, got shape [1, 4, 4, 3]",
      );
      expect(() => layer.call([other, other])).toThrow("'conv': takes one input, got 2");
      tf.dispose([flat, other]);
      for (const weight of layer.weights) weight.dispose();
    });
  });
});
