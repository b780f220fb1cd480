import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { DropPath } from '../../src/blocks/DropPath.js';
import {
  BasicBlock,
  BatchNorm,
  Bottleneck,
  type BottleneckArgs,
  setSeed,
  trainStep,
  withUpdates,
} from '../../src/index.js';
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { saveAndLoad, valuesOf } from '../support/saveLoad.js';

describe('options', () => {
  const bad: [object, string][] = [
    [{ filters: 0 }, 'Bottleneck: filters must be a positive integer, got 0'],
    [{ filters: 6 }, 'Bottleneck: filters must be a multiple of the expansion, 4, got 6'],
    [{ expansion: 0 }, 'Bottleneck: expansion must be a positive integer, got 0'],
    [{ strides: 1.5 }, 'Bottleneck: strides must be a positive integer, got 1.5'],
    [{ strideOn: 'third' }, "Bottleneck: strideOn must be one of 'first', 'second', got 'third'"],
    [{ preActivation: 1 }, 'Bottleneck: preActivation must be true or false, got 1'],
    [
      { shortcut: 'conv' },
      "Bottleneck: shortcut must be one of 'identity', 'projection', 'pool', 'avgProjection', 'none', got 'conv'",
    ],
    [{ dilationRate: 0 }, 'Bottleneck: dilationRate must be a positive integer, got 0'],
    [{ atrous: 2 }, 'Bottleneck: atrous must be true or false, got 2'],
    [{ padding: 'valid' }, "Bottleneck: padding must be one of 'explicit', 'same', got 'valid'"],
    [{ bias: true }, "Bottleneck: bias must be one of 'none', 'unnormalized', 'all', got true"],
    [
      { normalization: { epsilon: 0 } },
      'Bottleneck: normalization: epsilon must be a positive number, got 0',
    ],
    [{ activation: 'cube' }, 'Bottleneck: activation must be one of '],
    [{ kernelInitializer: 'he' }, 'Bottleneck: kernelInitializer must be one of '],
    [{ kernelRegularizer: 'l3' }, 'Bottleneck: kernelRegularizer must be one of '],
    [{ zeroInitLastGamma: 0 }, 'Bottleneck: zeroInitLastGamma must be true or false, got 0'],
    [{ dropPath: 1 }, 'Bottleneck: dropPath must be in [0, 1), got 1'],
    [{ squeezeExcitation: 0.5 }, 'Bottleneck: squeezeExcitation must be at least 1, got 0.5'],
    [{ recompute: 'yes' }, "Bottleneck: recompute must be true or false, got 'yes'"],
  ];
  for (const [args, message] of bad) {
    it(`${JSON.stringify(args)} is refused`, () => {
      expect(() => new Bottleneck({ filters: 8, ...args } as BottleneckArgs)).toThrow(message);
    });
  }

  it('come back from getConfig', () => {
    const block = new Bottleneck({
      filters: 8,
      normalization: { momentum: null, epsilon: 1e-4, gammaRegularizer: 'l2' },
      squeezeExcitation: 4,
    });
    const config = block.getConfig();
    expect(new Bottleneck(config as unknown as BottleneckArgs).getConfig()).toEqual(config);
  });
});

/** A model of two blocks, with everything that has weights. */
function twoBlocks(args: Partial<BottleneckArgs> = {}) {
  const first = new Bottleneck({
    name: 'first',
    inputShape: [6, 5, 3],
    filters: 8,
    strides: 2,
    bias: 'all',
    squeezeExcitation: 4,
    kernelRegularizer: 'l2',
    ...args,
  });
  const second = new BasicBlock({ name: 'second', filters: 8, preActivation: true });
  return { model: tfl.sequential({ layers: [first, second] }), first, second };
}

const image = () => tf.randomNormal([4, 6, 5, 3], 0, 1, 'float32', 1);

onBackends(['cpu'], () => {
  describe('inputs', () => {
    const refused: [Partial<BottleneckArgs>, number[], string][] = [
      [{}, [1, 4, 4], "the input's rank must be 4, got shape [1, 4, 4]"],
      [
        { shortcut: 'identity' },
        [1, 4, 4, 3],
        "an input for shortcut 'identity' must have 8 channels, got 3",
      ],
      [
        { shortcut: 'pool' },
        [1, 4, 4, 9],
        "an input for shortcut 'pool' must have at most 8 channels, got 9",
      ],
    ];
    for (const [args, shape, message] of refused) {
      it(`of shape [${shape}] with ${JSON.stringify(args)} are refused`, () => {
        const block = new Bottleneck({ filters: 8, name: 'block', ...args });
        const x = tf.zeros(shape);
        expect(() => block.apply(x)).toThrow(`Bottleneck 'block': ${message}`);
        x.dispose();
      });
    }

    it('with channels of unknown number are refused', () => {
      const block = new Bottleneck({ filters: 8, name: 'block' });
      const x = tfl.input({ shape: [4, 4, null] as unknown as number[] });
      expect(() => block.apply(x)).toThrow(
        "Bottleneck 'block': axis 3 must have a known size, got [null, 4, 4, null]",
      );
    });

    it('must come before the layers inside can be seen', () => {
      expect(() => new Bottleneck({ filters: 8, name: 'block' }).inner).toThrow(
        "Bottleneck 'block': has no layers before it is built",
      );
    });
  });

  describe('a block as a layer', () => {
    it('names its weights after the layers inside, layer by layer', () => {
      const { model, first, second } = twoBlocks();
      expect(first.weights.map((w) => w.originalName)).toEqual(
        [
          ...['conv1/kernel', 'conv1/bias'],
          ...['bn1/gamma', 'bn1/beta', 'bn1/moving_mean', 'bn1/moving_variance'],
          ...['conv2/kernel', 'conv2/bias'],
          ...['bn2/gamma', 'bn2/beta', 'bn2/moving_mean', 'bn2/moving_variance'],
          ...['conv3/kernel', 'conv3/bias'],
          ...['bn3/gamma', 'bn3/beta', 'bn3/moving_mean', 'bn3/moving_variance'],
          ...['se_reduce/kernel', 'se_reduce/bias', 'se_expand/kernel', 'se_expand/bias'],
          ...['shortcut_conv/kernel', 'shortcut_conv/bias'],
          ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((w) => `shortcut_bn/${w}`),
        ].map((name) => `first/${name}`),
      );
      const kernels = second.trainableWeights.map((w) => w.originalName);
      expect(kernels.filter((name) => name.endsWith('kernel'))).toEqual([
        'second/conv1/kernel',
        'second/conv2/kernel',
      ]);
      const named = new Set(model.weights.map((w) => w.originalName));
      expect(named.size).toBe(model.weights.length);
      model.dispose();
    });

    it('keeps the order of its weights when it or a layer inside is frozen', () => {
      const { model, first } = twoBlocks();
      const names = () => first.weights.map((w) => w.originalName);
      const before = names();
      first.inner.getLayer('bn2').trainable = false;
      expect(names()).toEqual(before);
      expect(first.trainableWeights.map((w) => w.originalName)).not.toContain('first/bn2/gamma');
      first.trainable = false;
      expect(names()).toEqual(before);
      expect(first.trainableWeights).toEqual([]);
      expect(first.nonTrainableWeights).toHaveLength(before.length);
      model.dispose();
    });

    for (const how of ['the block', 'its model', 'its constructor'] as const) {
      it(`is in inference and has no trainable weights once frozen by ${how}`, async () => {
        const { model, first } = twoBlocks(how === 'its constructor' ? { trainable: false } : {});
        if (how === 'the block') first.trainable = false;
        if (how === 'its model') model.trainable = false;
        expect(first.trainableWeights).toEqual([]);
        const x = image();
        const before = await valuesOf(first.getWeights());
        const [train, test] = [true, false].map(
          (training) => first.apply(x, { training }) as tf.Tensor,
        );
        await expectClose(train!, await test!.data());
        expect(await valuesOf(first.getWeights())).toEqual(before);
        if (how === 'its model') model.trainable = true;
        else first.trainable = true;
        expect(first.trainableWeights).toHaveLength(20);
        tf.dispose([x, train, test] as tf.Tensor[]);
        model.dispose();
      });
    }

    it('counts its parameters and prints them in summary()', () => {
      const { model, first } = twoBlocks();
      const parameters = first.weights.reduce(
        (sum, w) => sum + tf.util.sizeFromShape(w.shape as number[]),
        0,
      );
      expect(first.countParams()).toBe(parameters);
      const lines: string[] = [];
      model.summary(undefined, undefined, (line) => lines.push(line as string));
      expect(lines.join('\n')).toMatch(
        new RegExp(`first \\(Blocks\\.Bottleneck\\).*\\[null,3,3,8\\].* ${parameters} `),
      );
      model.dispose();
    });

    it('adds the losses of the regularizers inside, one for each kernel', () => {
      const { model, first } = twoBlocks();
      // Three convolutions, the shortcut's, and two dense layers.
      expect(first.losses).toHaveLength(6);
      const [found, expected] = tf.tidy(() => {
        const kernels = first.weights.filter((w) => w.originalName.endsWith('kernel'));
        const squares = kernels.map((w) => tf.sum(tf.square(w.read())).dataSync()[0]! * 0.01);
        const losses = first.calculateLosses().map((loss) => loss.dataSync()[0]!);
        return [losses, squares].map((list) => list.reduce((a, b) => a + b));
      }) as unknown as [number, number];
      expect(found).toBeCloseTo(expected, 5);
      model.dispose();
    });

    it('saves and loads with every option and weight', async () => {
      const { model, first } = twoBlocks({
        strideOn: 'first',
        shortcut: 'avgProjection',
        activation: 'relu6',
        normalization: { momentum: 0.9, variance: 'biased', epsilon: 1e-5 },
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 3 }),
        zeroInitLastGamma: true,
        dropPath: 0.25,
        recompute: true,
      });
      const x = image();
      const optimizer = tf.train.sgd(0.1);
      await trainStep(optimizer, () =>
        tf.tidy(
          () => tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar,
        ),
      );
      optimizer.dispose();
      const loaded = await saveAndLoad(model);
      expect(loaded.layers[0]!.getConfig()).toEqual(first.getConfig());
      expect(await valuesOf(loaded.getWeights())).toEqual(await valuesOf(model.getWeights()));
      const [a, b] = [model, loaded].map((m) => m.predict(x) as tf.Tensor);
      await expectClose(b!, await a!.data(), { tolerance: 0 });
      tf.dispose([x, a!, b!]);
      model.dispose();
      loaded.dispose();
    });

    it('makes the weights of a model to be loaded zero, which is quick', () => {
      const block = new BasicBlock({ filters: 2 });
      block.setFastWeightInitDuringBuild(true);
      block.apply(tfl.input({ shape: [4, 4, 2] }));
      const kernel = block.weights[0]!.read();
      expect([...kernel.dataSync()].every((v) => v === 0)).toBe(true);
      block.dispose();
    });

    it('learns in model.fit, its moving averages too', async () => {
      const head = [tfl.layers.globalAveragePooling2d({}), tfl.layers.dense({ units: 1 })];
      const block = new BasicBlock({
        filters: 4,
        inputShape: [4, 4, 2],
        normalization: { momentum: 0.5 },
      });
      const model = tfl.sequential({ layers: [block, ...head] });
      model.compile({ optimizer: tf.train.adam(0.02, 0.9, 0.999, 1e-7), loss: 'meanSquaredError' });
      const x = tf.randomNormal([16, 4, 4, 2], 0, 1, 'float32', 3);
      const target = tf.tidy(() => tf.reshape(tf.mean(tf.square(x), [1, 2, 3]), [16, 1]));
      const { history } = await model.fit(x, target, { epochs: 20, verbose: 0 });
      expect(history.loss!.at(-1) as number).toBeLessThan((history.loss![0] as number) / 4);
      const mean = block.weights.find((w) => w.originalName.endsWith('moving_mean'))!.read();
      expect(Math.abs(mean.dataSync()[0]!)).toBeGreaterThan(1e-3);
      tf.dispose([x, target]);
      model.optimizer.dispose();
      model.dispose();
    });

    for (const preActivation of [false, true]) {
      it(`starts as its shortcut with zeroInitLastGamma (preActivation: ${preActivation})`, async () => {
        const block = new Bottleneck({ filters: 4, preActivation, zeroInitLastGamma: true });
        const x = tf.ones([1, 3, 3, 4]);
        const y = block.apply(x, { training: false }) as tf.Tensor;
        await expectClose(y, await x.data());
        tf.dispose([x, y]);
        block.dispose();
      });
    }

    it("pads a strided convolution by the image's size with padding 'same'", () => {
      const block = new BasicBlock({ filters: 2, strides: 2, padding: 'same' });
      block.apply(tfl.input({ shape: [8, 8, 3] }));
      const padding = block.inner.layers.map((layer) => layer.getConfig().padding);
      expect(padding.filter((p) => p === 'same')).toHaveLength(2);
      block.dispose();
    });
  });

  describe('stochastic depth', () => {
    const block = () => new BasicBlock({ filters: 2, preActivation: true, dropPath: 0.25 });

    it('drops the asked share of samples in training, makes up for it, and none in inference', async () => {
      setSeed(1);
      const layer = new DropPath({ rate: 0.25 });
      const x = tf.ones([400, 2, 1, 2]);
      const [train, test] = [true, false].map(
        (training) => layer.apply(x, { training }) as tf.Tensor,
      );
      const values = await train!.data();
      const samples = Array.from({ length: 400 }, (_, i) => [...values.slice(4 * i, 4 * i + 4)]);
      const kept = samples.filter((sample) => sample[0] !== 0);
      expect(kept.length / 400).toBeCloseTo(0.75, 1);
      for (const sample of kept) await expectClose(sample, Array(4).fill(4 / 3));
      await expectClose(test!, await x.data());
      tf.dispose([x, train!, test!]);
    });

    it('is repeated by setSeed', async () => {
      const layer = block();
      const x = image();
      const wide = tf.slice(x, [0, 0, 0, 0], [4, 6, 5, 2]);
      // The initial weights have their turn before.
      tf.dispose(layer.apply(wide) as tf.Tensor);
      const runs: number[][] = [];
      for (const seed of [5, 5, 6]) {
        setSeed(seed);
        const ys = tf.tidy(() =>
          tf.stack([1, 2, 3, 4].map(() => layer.apply(wide, { training: true }) as tf.Tensor)),
        );
        runs.push([...(await ys.data())]);
        ys.dispose();
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).not.toEqual(runs[0]);
      tf.dispose([x, wide]);
      layer.dispose();
    });
  });

  describe('recompute', () => {
    /** One gradient of each of two equal models, the second of which recomputes. */
    async function pair(training: boolean, args: Partial<BottleneckArgs> = {}) {
      const plain = twoBlocks({ dropPath: 0.5, ...args });
      const other = twoBlocks({ dropPath: 0.5, ...args, recompute: true });
      other.model.setWeights(plain.model.getWeights());
      const x = image();
      const results = [plain, other].map(({ model }) => {
        setSeed(2);
        const variables = model.trainableWeights.map((w) => w.read() as tf.Variable);
        const { value, grads } = tf.variableGrads(
          () =>
            tf.tidy(
              () => tf.sum(tf.square(model.apply(x, { training }) as tf.Tensor)) as tf.Scalar,
            ),
          variables,
        );
        return { value, grads: variables.map((v) => grads[v.name]!), weights: model.getWeights() };
      });
      const [a, b] = await Promise.all(
        results.map(async ({ value, grads, weights }) => ({
          loss: (await value.data())[0]!,
          grads: await valuesOf(grads),
          weights: await valuesOf(weights),
        })),
      );
      for (const { value, grads } of results) tf.dispose([value, ...grads]);
      x.dispose();
      plain.model.dispose();
      other.model.dispose();
      return [a!, b!] as const;
    }

    // Renormalisation reads, in training, averages that the same call moves.
    const renorm = { normalization: { renorm: true, renormMomentum: 0.5, momentum: 0.5 } };
    for (const [training, args] of [
      [true, {}],
      [false, {}],
      [true, renorm],
    ] as const) {
      it(`changes neither loss, gradients nor moving averages (training: ${training}, ${JSON.stringify(args)})`, async () => {
        const [plain, other] = await pair(training, args);
        expect(other.loss).toBeCloseTo(plain.loss, 4);
        for (const [i, gradient] of plain.grads.entries())
          await expectClose(other.grads[i]!, gradient);
        for (const [i, weight] of plain.weights.entries())
          await expectClose(other.weights[i]!, weight);
      });
    }

    it('makes one update op per normalisation', () => {
      const { model } = twoBlocks({ recompute: true });
      const x = image();
      const norms = [4, 2];
      const { updates, result } = withUpdates(() =>
        tf.variableGrads(() =>
          tf.tidy(() => tf.sum(model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar),
        ),
      );
      expect(updates.size).toBe(norms[0]! + norms[1]!);
      updates.dispose();
      tf.dispose([x, result.value]);
      tf.dispose(result.grads);
      model.dispose();
    });

    it('keeps fewer bytes until the backward pass, and has derivatives of derivatives', async () => {
      const kept = (recompute: boolean) => {
        const block = new BasicBlock({ filters: 8, recompute });
        const x = tf.ones([4, 16, 16, 8]);
        tf.dispose(block.apply(x) as tf.Tensor);
        let bytes = 0;
        const { value, grads } = tf.variableGrads(() =>
          tf.tidy(() => {
            const before = tf.memory().numBytes;
            const y = block.apply(x, { training: true }) as tf.Tensor;
            bytes = tf.memory().numBytes - before;
            return tf.sum(y) as tf.Scalar;
          }),
        );
        tf.dispose([x, value]);
        tf.dispose(grads);
        block.dispose();
        return bytes;
      };
      expect(kept(true)).toBeLessThan(kept(false) / 3);
      const block = new BasicBlock({ filters: 2, activation: 'tanh', recompute: true });
      const plain = new BasicBlock({ filters: 2, activation: 'tanh' });
      const x = tf.randomNormal([1, 3, 3, 2], 0, 1, 'float32', 2);
      tf.tidy(() => {
        block.apply(x);
        plain.apply(x);
      });
      plain.setWeights(block.getWeights());
      const [a, b] = [block, plain].map((layer) => {
        const first = tf.grad((v: tf.Tensor) => tf.sum(tf.square(layer.apply(v) as tf.Tensor)));
        return tf.grad((v: tf.Tensor) => tf.sum(tf.square(first(v))))(x);
      });
      await expectClose(a!, await b!.data());
      tf.dispose([x, a!, b!]);
      block.dispose();
      plain.dispose();
    });
  });

  it('walks into a frozen BatchNorm without parameters', () => {
    const block = new BasicBlock({
      filters: 2,
      inputShape: [4, 4, 2],
      normalization: { scale: false, center: false },
    });
    const model = tfl.sequential({ layers: [block] });
    const norms = block.inner.layers.filter((layer) => layer instanceof BatchNorm);
    expect(norms.map((norm) => norm.isFrozen)).toEqual([false, false]);
    model.trainable = false;
    expect(norms.map((norm) => norm.isFrozen)).toEqual([true, true]);
    expect(block.weights).toHaveLength(6);
    model.dispose();
  });
});
