import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { BlockMean2D } from '../../src/blocks/BlockMean2D.js';
import {
  autoencoder,
  BasicBlock,
  BatchNorm,
  Bottleneck,
  Conv2DSame,
  MaxPool2DSame,
  mirror,
  resNetV1,
  resNetV2,
  setSeed,
  trainStep,
} from '../../src/index.js';
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { saveAndLoad, valuesOf } from '../support/saveLoad.js';

const { averagePooling2d, conv2d, dense, flatten, maxPooling2d } = tfl.layers;

const mnist = createRequire(import.meta.url)
  .resolve('mnist')
  .replace(/dist.*|src.*/, 'src/digits');

/** Of each handwritten digit those from `begin` to `end`: [10·(end − begin), 28, 28, 1]. */
function digitsOf(begin: number, end: number): tf.Tensor4D {
  const pixels = Array.from({ length: 10 }, (_, digit) => {
    const { data } = JSON.parse(readFileSync(`${mnist}/${digit}.json`, 'utf8')) as {
      data: number[];
    };
    return data.slice(begin * 784, end * 784);
  }).flat();
  return tf.tensor4d(pixels, [10 * (end - begin), 28, 28, 1]);
}

const he = tfl.initializers.heNormal({ seed: 1 });

/** Three stages of strides 2 and 3, in both paddings. */
function threeStages(size: number | null) {
  const inputShape = [size, size, 1] as number[];
  return tfl.sequential({
    name: 'encoder',
    layers: [
      conv2d({
        inputShape,
        filters: 3,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        useBias: false,
      }),
      new BatchNorm({ activation: 'relu' }),
      conv2d({ filters: 4, kernelSize: 4, strides: 3, padding: 'same', activation: 'relu' }),
      conv2d({ filters: 5, kernelSize: 1, strides: 2, padding: 'valid' }),
    ],
  });
}

const encoders: Record<string, () => tfl.LayersModel> = {
  'dense and flattened layers': () =>
    tfl.sequential({
      layers: [
        conv2d({
          inputShape: [9, 7, 2],
          filters: 3,
          kernelSize: 3,
          strides: 2,
          activation: 'relu',
        }),
        flatten(),
        dense({ units: 4 }),
      ],
    }),
  'pooling of every kind': () =>
    tfl.sequential({
      layers: [
        maxPooling2d({ inputShape: [29, 23, 3], poolSize: 3, strides: 2 }),
        averagePooling2d({ poolSize: 2, padding: 'same' }),
        new Conv2DSame({ filters: 4, kernelSize: 3, strides: 2, dilationRate: 2 }),
        tfl.layers.globalAveragePooling2d({}),
      ],
    }),
  'nested models': () =>
    tfl.sequential({ layers: [threeStages(17), conv2d({ filters: 2, kernelSize: 1 })] }),
  blocks: () =>
    tfl.sequential({
      layers: [
        new Bottleneck({ inputShape: [11, 10, 3], filters: 8, strides: 2, squeezeExcitation: 4 }),
        new BasicBlock({
          filters: 8,
          strides: 2,
          shortcut: 'identity',
          preActivation: true,
          dropPath: 0.1,
        }),
      ],
    }),
  'branches that meet': () => {
    const x = tfl.input({ shape: [8, 8, 2] });
    const a = conv2d({ filters: 3, kernelSize: 3, padding: 'same' }).apply(x) as tfl.SymbolicTensor;
    const b = conv2d({ filters: 3, kernelSize: 1 }).apply(x) as tfl.SymbolicTensor;
    return tfl.model({ inputs: x, outputs: tfl.layers.add().apply([a, b]) as tfl.SymbolicTensor });
  },
};
for (const [version, builder] of [resNetV1, resNetV2].entries()) {
  for (const preset of ['slim', 'keras', 'torch'] as const) {
    encoders[`a ResNet-50, version ${version + 1}, as in ${preset}`] = () =>
      builder({ preset, width: 1 / 16, inputShape: [37, 45, 3], includeTop: false });
  }
}

onBackends(['wasm'], () => {
  describe('mirror', () => {
    it('gives back every size from 8 to 67 through three stages of strides 2, 3 and 2', () => {
      for (let n = 8; n <= 67; n++) {
        const encoder = threeStages(n);
        const decoder = mirror(encoder);
        const x = tf.zeros([1, n, n, 1]);
        const image = tf.tidy(() => decoder.predict(encoder.predict(x) as tf.Tensor) as tf.Tensor);
        expect(image.shape).toEqual([1, n, n, 1]);
        tf.dispose([x, image]);
        encoder.dispose();
        decoder.dispose();
      }
    });

    for (const [name, make] of Object.entries(encoders)) {
      it(`takes ${name} from code to image, has a gradient for every kernel, and saves`, async () => {
        setSeed(1);
        const encoder = make();
        const decoder = mirror(encoder);
        const shape = encoder.inputs[0]!.shape.slice(1) as number[];
        const both = tfl.sequential({ layers: [encoder, decoder] });
        const x = tf.randomUniform([2, ...shape], 0, 1, 'float32', 1);
        const variables = decoder.trainableWeights.map((w) => w.read() as tf.Variable);
        const { value, grads } = tf.variableGrads(
          () =>
            tf.tidy(() => {
              const y = both.apply(x, { training: true }) as tf.Tensor;
              return tf.sum(tf.mul(y, x)) as tf.Scalar;
            }),
          variables,
        );
        const gradients = await valuesOf(variables.map((v) => grads[v.name]!));
        for (const [i, gradient] of gradients.entries()) {
          const name = decoder.trainableWeights[i]!.originalName;
          if (!name.endsWith('kernel')) continue;
          expect(gradient.every(Number.isFinite), name).toBe(true);
          expect(Math.max(...gradient.map(Math.abs)), name).toBeGreaterThan(0);
        }
        tf.dispose(value);
        tf.dispose(grads);
        const y = both.predict(x) as tf.Tensor;
        expect(y.shape).toEqual(x.shape);
        const loaded = await saveAndLoad(decoder);
        const code = encoder.predict(x) as tf.Tensor;
        const [a, b] = [decoder, loaded].map((m) => m.predict(code) as tf.Tensor);
        await expectClose(b!, await a!.data(), { tolerance: 0 });
        tf.dispose([x, y, code, a!, b!]);
        for (const used of [both, decoder, loaded]) used.dispose();
      });
    }

    it('ends in the activation, also where branches meet', async () => {
      const encoder = encoders['branches that meet']!();
      const decoder = mirror(encoder, { activation: 'sigmoid', name: 'decoder' });
      expect(decoder.name).toBe('decoder');
      const code = tf.randomNormal([2, 8, 8, 3], 0, 100, 'float32', 1);
      const y = decoder.predict(code) as tf.Tensor;
      const values = await y.data();
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThanOrEqual(1);
      tf.dispose([code, y]);
      encoder.dispose();
      decoder.dispose();
    });

    it('has the adjoint of a convolution for its kernel, whatever pads it', async () => {
      for (const layer of [
        conv2d({
          inputShape: [8, 9, 2],
          filters: 3,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          useBias: false,
        }),
        new Conv2DSame({
          inputShape: [8, 9, 2],
          filters: 3,
          kernelSize: 3,
          strides: 2,
          useBias: false,
        }),
      ]) {
        const encoder = tfl.sequential({ layers: [layer] });
        const decoder = mirror(encoder);
        const [kernel] = encoder.getWeights() as [tf.Tensor];
        const bias = tf.zeros([2]);
        decoder.setWeights([kernel, bias]);
        const x = tf.randomNormal([1, 8, 9, 2], 0, 1, 'float32', 1);
        const y = tf.randomNormal([1, 4, 5, 3], 0, 1, 'float32', 2);
        const [left, right] = tf.tidy(() => [
          tf.sum(tf.mul(encoder.predict(x) as tf.Tensor, y)),
          tf.sum(tf.mul(x, decoder.predict(y) as tf.Tensor)),
        ]) as [tf.Tensor, tf.Tensor];
        await expectClose(left, await right.data());
        tf.dispose([x, y, left, right, bias]);
        encoder.dispose();
        decoder.dispose();
      }
    });

    it('makes an autoencoder of ResNet-18 that learns digits, and others that it has not seen', {
      timeout: 300_000,
    }, async () => {
      const args = { depth: 18, width: 1 / 8, includeTop: false, inputShape: [28, 28, 1] } as const;
      setSeed(1);
      const normalization = { momentum: 0.8 };
      const encoder = resNetV1({ ...args, normalization, kernelInitializer: he });
      const model = tfl.sequential({
        layers: [encoder, mirror(encoder, { activation: 'sigmoid' })],
      });
      const [x, unseen] = [digitsOf(0, 10), digitsOf(10, 14)];
      const optimizer = tf.train.adam(0.01, 0.9, 0.999, 1e-7);
      const mse = (images: tf.Tensor, training: boolean) =>
        tf.tidy(() => {
          const y = model.apply(images, { training }) as tf.Tensor;
          return tf.losses.meanSquaredError(images, y) as tf.Scalar;
        });
      const losses: number[] = [];
      for (let step = 0; step < 40; step++) {
        losses.push(await trainStep(optimizer, () => mse(x, true)));
      }
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 3);
      // To answer with the mean of all digits would be to have learned nothing of the one at hand.
      const variance = tf.tidy(() => tf.moments(x, 0).variance);
      const [meanError, reconstructed] = [tf.mean(variance), mse(unseen, false)];
      expect(losses.at(-1)).toBeLessThan((await meanError.data())[0]!);
      expect((await reconstructed.data())[0]).toBeLessThan(losses[0]! / 2);
      tf.dispose([x, unseen, variance, meanError, reconstructed]);
      optimizer.dispose();
      model.layers[1]!.dispose();
      model.dispose();
    });

    it('has the adjoint of average pooling, whatever its windows', async () => {
      const pool = (args: object) =>
        averagePooling2d({ inputShape: [8, 9, 2], ...args } as { inputShape: number[] });
      for (const layer of [
        pool({ poolSize: 2, padding: 'same' }),
        pool({ poolSize: 2, padding: 'valid' }),
        pool({ poolSize: 3, strides: 2, padding: 'same' }),
        pool({ poolSize: [3, 2], strides: [1, 3], padding: 'valid' }),
        tfl.layers.globalAveragePooling2d({ inputShape: [8, 9, 2] }),
        new BlockMean2D({ inputShape: [8, 9, 2], size: 3 }),
      ]) {
        const encoder = tfl.sequential({ layers: [layer] });
        const decoder = mirror(encoder);
        const x = tf.randomNormal([1, 8, 9, 2], 0, 1, 'float32', 1);
        const code = encoder.predict(x) as tf.Tensor;
        const y = tf.randomNormal(code.shape, 0, 1, 'float32', 2);
        const [left, right] = tf.tidy(() => [
          tf.sum(tf.mul(code, y)),
          tf.sum(tf.mul(x, decoder.predict(y) as tf.Tensor)),
        ]) as [tf.Tensor, tf.Tensor];
        await expectClose(left, await right.data());
        tf.dispose([x, y, code, left, right]);
      }
    });

    it('names the layer that it can not mirror, and can be taught it', () => {
      const pool = tfl.layers.globalMaxPooling2d({ name: 'top', inputShape: [4, 4, 2] });
      const encoder = tfl.sequential({ layers: [pool] });
      expect(() => mirror(encoder)).toThrow(
        "mirror: layer 'top' (GlobalMaxPooling2D) can't be mirrored; teach it with handlers",
      );
      const decoder = mirror(encoder, {
        handlers: {
          GlobalMaxPooling2D: (_, y, { name, input }) => {
            const units = (input.shape.slice(1) as number[]).reduce((p, n) => p * n);
            const flat = dense({ name, units }).apply(y);
            const targetShape = input.shape.slice(1) as number[];
            return tfl.layers.reshape({ targetShape }).apply(flat) as tfl.SymbolicTensor;
          },
        },
      });
      expect(decoder.outputShape).toEqual([null, 4, 4, 2]);
      decoder.dispose();
    });

    it('refuses unknown sizes, new channels without parameters, and several inputs', () => {
      const open = threeStages(null);
      expect(() => mirror(open)).toThrow(/must have a known size, got \[null, null, null, 4\]/);
      open.dispose();
      const padded = tfl.sequential({
        layers: [new BasicBlock({ inputShape: [4, 4, 2], filters: 4, shortcut: 'pool' })],
      });
      expect(() => mirror(padded)).toThrow("'shortcut_pool' can't be mirrored: it adds channels");
      padded.dispose();
      const inputs = [tfl.input({ shape: [2] }), tfl.input({ shape: [2] })];
      const two = tfl.model({
        inputs,
        outputs: tfl.layers.add().apply(inputs) as tfl.SymbolicTensor,
        name: 'two',
      });
      expect(() => mirror(two)).toThrow("mirror: 'two' must have one input and one output");
    });
  });

  describe('autoencoder', () => {
    const pooled = (size: number | null) =>
      tfl.sequential({
        layers: [
          new Conv2DSame({
            inputShape: [size, size, 1] as number[],
            filters: 4,
            kernelSize: 3,
            activation: 'relu',
          }),
          maxPooling2d({ poolSize: 2, padding: 'same' }),
          new Conv2DSame({ filters: 6, kernelSize: 3, strides: 2 }),
        ],
      });

    for (const unpool of ['argmax', 'nearest'] as const) {
      for (const skips of ['none', 'add', 'concat'] as const) {
        it(`reconstructs with unpool ${unpool} and skips ${skips}`, () => {
          const encoder = pooled(13);
          const model = autoencoder(encoder, { unpool, skips });
          const x = tf.zeros([1, 13, 13, 1]);
          const y = model.predict(x) as tf.Tensor;
          expect(y.shape).toEqual(x.shape);
          const types = model.layers.map((layer) => layer.getClassName());
          expect(types.includes('Blocks.MaxUnpool2D')).toBe(unpool === 'argmax');
          expect(types.includes('Concatenate')).toBe(skips === 'concat');
          expect(types.includes('Add')).toBe(skips === 'add');
          tf.dispose([x, y]);
          model.dispose();
        });
      }
    }

    it('takes images of any size', () => {
      const model = autoencoder(pooled(null), { skips: 'add' });
      for (const size of [8, 13, 30]) {
        const x = tf.zeros([1, size, size + 1, 1]);
        const y = model.predict(x) as tf.Tensor;
        expect(y.shape).toEqual(x.shape);
        tf.dispose([x, y]);
      }
      model.dispose();
    });

    /** Networks of unknown size, with whatever changes it. */
    const open: Record<string, () => tfl.LayersModel> = {
      'blocks with shortcuts of every kind': () =>
        tfl.sequential({
          layers: [
            new Bottleneck({
              inputShape: [null, null, 3] as unknown as number[],
              filters: 8,
              strides: 2,
              shortcut: 'avgProjection',
              squeezeExcitation: 4,
            }),
            new BasicBlock({ filters: 8, strides: 2, preActivation: true, shortcut: 'identity' }),
            new Bottleneck({ filters: 8, strides: 3, strideOn: 'first', shortcut: 'none' }),
          ],
        }),
      'pooling and nested models': () => {
        const inputShape = [null, null, 3] as unknown as number[];
        const inner = tfl.sequential({
          name: 'inner',
          layers: [conv2d({ inputShape, filters: 4, kernelSize: 3, strides: 2, padding: 'same' })],
        });
        const layers = [inner, averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })];
        return tfl.sequential({ layers });
      },
    };
    for (const [version, builder] of [resNetV1, resNetV2].entries()) {
      for (const preset of ['slim', 'keras', 'torch'] as const) {
        open[`a ResNet-50, version ${version + 1}, as in ${preset}`] = () =>
          builder({ preset, width: 1 / 16, inputShape: [null, null, 3], includeTop: false });
      }
    }
    for (const [name, make] of Object.entries(open)) {
      for (const unpool of ['argmax', 'nearest'] as const) {
        it(`takes images of any size through ${name}, unpool ${unpool}`, () => {
          const model = autoencoder(make(), { unpool });
          for (const size of [
            [32, 47],
            [33, 36],
          ]) {
            const x = tf.zeros([1, ...size, 3]);
            const y = model.predict(x) as tf.Tensor;
            expect(y.shape).toEqual(x.shape);
            tf.dispose([x, y]);
          }
          model.dispose();
        });
      }
    }

    it("puts values back where torch's padded max pooling found them", async () => {
      const pool = new MaxPool2DSame({ inputShape: [null, null, 2] as unknown as number[] });
      const model = autoencoder(tfl.sequential({ layers: [pool] }));
      const x = tf.randomNormal([1, 6, 7, 2], -1, 1, 'float32', 1);
      const [y, pooled] = [model.predict(x) as tf.Tensor, pool.apply(x) as tf.Tensor];
      // Each maximum once for every window that found it, and zeros elsewhere.
      const [image, maxima, back] = [await x.data(), await pooled.data(), await y.data()];
      const count = (v: number) => maxima.filter((m) => m === v).length;
      await expectClose(
        back,
        Array.from(image, (v) => v * count(v)),
      );
      tf.dispose([x, y, pooled]);
      model.dispose();
    });

    it('refuses options that there are not', () => {
      const encoder = pooled(8);
      expect(() => autoencoder(encoder, { skips: 'sum' as 'add' })).toThrow(
        "autoencoder: skips must be one of 'add', 'concat', 'none', got 'sum'",
      );
      expect(() => autoencoder(encoder, { unpool: 'max' as 'argmax' })).toThrow(
        "autoencoder: unpool must be one of 'argmax', 'nearest', got 'max'",
      );
      expect(() => mirror(encoder, { activation: 'cube' as 'relu' })).toThrow(
        'mirror: activation must be one of ',
      );
      encoder.dispose();
    });
  });
});
