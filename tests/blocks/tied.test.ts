import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { TiedConv2DTranspose } from '../../src/blocks/TiedConv2DTranspose.js';
import { TiedDense, type TiedDenseArgs } from '../../src/blocks/TiedDense.js';
import {
  autoencoder,
  BasicBlock,
  Conv2DSame,
  type MirrorOptions,
  mirror,
  modelCost,
} from '../../src/index.js';
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { disposeWeights, saveAndLoad, valuesOf } from '../support/saveLoad.js';

const { conv2d, dense, flatten } = tfl.layers;

/** An encoder of every layer that has a kernel. */
function encoderOf(size: number | null = 9): tfl.LayersModel {
  const inputShape = [size, size, 2] as number[];
  const images: tfl.layers.Layer[] = [
    conv2d({ name: 'conv', inputShape, filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
    new Conv2DSame({ name: 'same', filters: 4, kernelSize: 3, activation: 'tanh' }),
    new BasicBlock({ name: 'block', filters: 5, strides: 2, activation: 'tanh' }),
  ];
  const flat = [flatten({ name: 'flat' }), dense({ name: 'code', units: 5 })];
  return tfl.sequential({ name: 'encoder', layers: size === null ? images : [...images, ...flat] });
}

const KERNELS = ['conv', 'same', 'conv1', 'conv2', 'shortcut_conv', 'code'];

const image = (size = 9) => tf.randomNormal([3, size, size, 2], 0, 1, 'float32', 1);

function both(encoder: tfl.LayersModel, options: MirrorOptions) {
  const decoder = mirror(encoder, options);
  return { decoder, model: tfl.sequential({ layers: [encoder, decoder] }) };
}

/** The gradients of a loss of the reconstruction, by the weights' names. */
function gradients(model: tfl.LayersModel, x: tf.Tensor): Record<string, tf.Tensor> {
  const weights = model.trainableWeights;
  const { value, grads } = tf.variableGrads(
    () =>
      tf.tidy(() => {
        const y = model.apply(x, { training: true }) as tf.Tensor;
        return tf.sum(tf.square(tf.sub(y, x))) as tf.Scalar;
      }),
    weights.map((w) => w.read() as tf.Variable),
  );
  value.dispose();
  return Object.fromEntries(
    weights.map((w) => [w.originalName, grads[(w.read() as tf.Variable).name]!]),
  );
}

onBackends(['cpu', 'wasm'], () => {
  describe('a tied decoder', () => {
    it('has no kernels, and the gradient of each kernel is the sum of both uses of it', async () => {
      const encoder = encoderOf();
      const tied = both(encoder, { tied: true, name: 'tied' });
      const free = both(encoder, { name: 'free' });
      const names = tied.decoder.weights.map((w) => w.originalName);
      expect(names.filter((name) => name.endsWith('kernel'))).toEqual([]);
      expect(free.decoder.weights.length - tied.decoder.weights.length).toBe(KERNELS.length);
      // The free decoder gets the same kernels, dense ones transposed.
      const kernels = encoder.weights.filter((w) => w.originalName.endsWith('kernel'));
      const freeKernels = free.decoder.weights.filter((w) => w.originalName.endsWith('kernel'));
      const partner = (name: string) =>
        freeKernels.find(
          (w) =>
            w.originalName === `${name.replaceAll('/', '_').replace(/_kernel$/, '_mirror')}/kernel`,
        )!;
      for (const kernel of kernels) {
        const of = partner(kernel.originalName);
        tf.tidy(() => {
          const value = kernel.read();
          of.write(value.rank === 2 ? tf.transpose(value) : value);
        });
      }
      const x = image();
      const [a, b] = [tied, free].map(({ model }) => model.predict(x) as tf.Tensor);
      await expectClose(a!, await b!.data());
      const [one, two] = [gradients(tied.model, x), gradients(free.model, x)];
      for (const { originalName: name } of kernels) {
        const sum = tf.tidy(() => {
          const other = two[partner(name).originalName]!;
          return tf.add(two[name]!, other.rank === 2 ? tf.transpose(other) : other);
        });
        await expectClose(one[name]!, await sum.data(), { tolerance: 1e-4 });
        sum.dispose();
      }
      tf.dispose([x, a, b, one, two]);
      for (const { decoder } of [tied, free]) disposeWeights(decoder);
      disposeWeights(encoder);
    });

    for (const [how, make] of [
      ['a model of encoder and mirror', (e: tfl.LayersModel) => both(e, { tied: true }).model],
      ['an autoencoder', (e: tfl.LayersModel) => autoencoder(e, { tied: true })],
    ] as const) {
      it(`stays tied when ${how} is saved and loaded, and learns`, async () => {
        const encoder = encoderOf();
        const model = make(encoder);
        const loaded = await saveAndLoad(model);
        expect(await valuesOf(loaded.getWeights())).toEqual(await valuesOf(model.getWeights()));
        const x = image();
        const expectSame = async () => {
          const [a, b] = [model, loaded].map((m) => m.predict(x) as tf.Tensor);
          await expectClose(b!, await a!.data(), { tolerance: 1e-6 });
          tf.dispose([a!, b!]);
        };
        await expectSame();
        // Other kernels in both encoders: what both decoders make of them is the same only if tied.
        for (const m of [model, loaded]) {
          for (const w of m.weights.filter((w) => w.originalName.endsWith('kernel'))) {
            tf.tidy(() => {
              w.write(tf.randomNormal(w.shape as number[], 0, 0.3, 'float32', 7));
            });
          }
        }
        await expectSame();
        loaded.compile({
          optimizer: tf.train.adam(0.01, 0.9, 0.999, 1e-7),
          loss: 'meanSquaredError',
        });
        const { history } = await loaded.fit(x, x, { epochs: 20, verbose: 0 });
        expect(history.loss!.at(-1) as number).toBeLessThan(history.loss![0] as number);
        loaded.optimizer.dispose();
        x.dispose();
        disposeWeights(model);
        disposeWeights(loaded);
      });
    }

    it('takes images of any size in an autoencoder, with skips', () => {
      const encoder = encoderOf(null);
      const model = autoencoder(encoder, { tied: true, skips: 'concat' });
      for (const size of [8, 13]) {
        const x = image(size);
        const y = model.predict(x) as tf.Tensor;
        expect(y.shape).toEqual(x.shape);
        tf.dispose([x, y]);
      }
      model.dispose();
    });

    it('finds kernels of an encoder that is a model of models, and one applied in a graph', async () => {
      const outer = tfl.sequential({
        name: 'outer',
        layers: [encoderOf(), dense({ name: 'top', units: 3 })],
      });
      const decoder = mirror(outer, { tied: true });
      const x = tfl.input({ shape: [9, 9, 2] });
      const y = decoder.apply(outer.apply(x)) as tfl.SymbolicTensor;
      const model = tfl.model({ inputs: x, outputs: y });
      const loaded = await saveAndLoad(model);
      const images = image();
      const [a, b] = [model, loaded].map((m) => m.predict(images) as tf.Tensor);
      await expectClose(b!, await a!.data(), { tolerance: 1e-6 });
      tf.dispose([images, a!, b!]);
      disposeWeights(model);
      disposeWeights(loaded);
    });

    it('that is loaded without its encoder says what it lacks', async () => {
      const encoder = encoderOf();
      const decoder = mirror(encoder, { tied: true });
      const loaded = await saveAndLoad(decoder);
      const code = tf.zeros([1, 5]);
      expect(() => loaded.predict(code)).toThrow(
        "TiedDense 'code_mirror': has the kernel of 'code', which does not lead to its input; " +
          'apply a tied decoder to its encoder, and save both as one model',
      );
      code.dispose();
      disposeWeights(encoder);
      disposeWeights(decoder);
      disposeWeights(loaded);
    });

    it('costs as many multiply-adds as a free one, and fewer parameters', () => {
      const encoder = encoderOf();
      const [tied, free] = [true, false].map((tied) => mirror(encoder, { tied }));
      const [a, b] = [modelCost(tied!), modelCost(free!)];
      expect(a.multiplyAdds).toBe(b.multiplyAdds);
      expect(a.parameters).toBeLessThan(b.parameters / 3);
      for (const model of [encoder, tied!, free!]) disposeWeights(model);
    });
  });
});

describe('bad options of tying are refused', () => {
  it.each<[() => unknown, string]>([
    [
      () => mirror(encoderOf(), { tied: 1 as unknown as boolean }),
      'mirror: tied must be true or false, got 1',
    ],
    [
      () => new TiedDense({ name: 'd', units: 2 } as TiedDenseArgs),
      "TiedDense 'd': tiedTo must be an object with the name of a layer, got undefined",
    ],
    [
      () => new TiedDense({ units: 0, tiedTo: { name: 'a' } }),
      'TiedDense: units must be a positive integer, got 0',
    ],
    [
      () => new TiedDense({ units: 2, useBias: 'no' as unknown as boolean, tiedTo: { name: 'a' } }),
      "TiedDense: useBias must be true or false, got 'no'",
    ],
    [
      () =>
        new TiedConv2DTranspose({
          filters: 1,
          kernelSize: 3,
          name: 't',
          tiedTo: { name: 3 } as never,
        }),
      `TiedConv2DTranspose 't': tiedTo must be an object with the name of a layer, got {"name":3}`,
    ],
  ])('%s', (make, message) => {
    expect(make).toThrow(message);
  });
});
