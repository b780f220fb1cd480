import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  Bottleneck,
  endPoints,
  type ResNetArgs,
  resNetV1,
  resNetV2,
  type Shortcut,
} from '../../src/index.js';
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { saveAndLoad } from '../support/saveLoad.js';
import { fillByName, image } from './formula.js';

const BUILDERS = { 1: resNetV1, 2: resNetV2 };

// Zeros are quick to make.
const ZEROS = { kernelInitializer: 'zeros', classifierInitializer: 'zeros' } as const;

describe('options', () => {
  const bad: [object, string][] = [
    [
      { depth: 51 },
      'resNetV1: depth must be one of 18, 34, 50, 101, 152, 200, 6n + 2, 9n + 2, got 51',
    ],
    [
      { depth: 22, block: 'bottleneck' },
      'resNetV1: depth must be one of 50, 101, 152, 200, 9n + 2 with bottleneck blocks, got 22',
    ],
    [{ preset: 'flax' }, "resNetV1: preset must be one of 'slim', 'keras', 'torch', got 'flax'"],
    [{ block: 'wide' }, "resNetV1: block must be one of 'basic', 'bottleneck', got 'wide'"],
    [
      { stem: 'patch' },
      "resNetV1: stem must be one of 'imagenet', 'deep', 'cifar', 'none', got 'patch'",
    ],
    [{ units: [] }, 'resNetV1: units must be at least one number of blocks, got []'],
    [{ units: [2, 0] }, 'resNetV1: units must be a positive integer, got 0'],
    [{ filters: 0 }, 'resNetV1: filters must be a positive integer, got 0'],
    [
      { inputShape: [32, 32] },
      'resNetV1: inputShape must be [height, width, channels], the first two maybe null, got [32, 32]',
    ],
    [
      { inputShape: [32, 32, null] },
      'resNetV1: inputShape must be [height, width, channels], the first two maybe null, got [32, 32, null]',
    ],
    [{ classes: 0 }, 'resNetV1: classes must be a positive integer, got 0'],
    [{ includeTop: 1 }, 'resNetV1: includeTop must be true or false, got 1'],
    [{ pooling: 'sum' }, "resNetV1: pooling must be one of 'avg', 'max', got 'sum'"],
    [{ width: 0 }, 'resNetV1: width must be a positive number, got 0'],
    [{ outputStride: 12 }, 'resNetV1: outputStride must be one of 4, 8, 16, 32, got 12'],
    [{ depth: 20, outputStride: 8 }, 'resNetV1: outputStride must be one of 1, 2, 4, got 8'],
    [{ expansion: 0 }, 'resNetV1: expansion must be a positive integer, got 0'],
    [
      { shortcut: 'identity' },
      "resNetV1: shortcut must be one of 'projection', 'avgProjection', 'pool', 'none', got 'identity'",
    ],
    [{ activation: 'cube' }, 'resNetV1: activation must be one of '],
    [{ dropPath: 1 }, 'resNetV1: dropPath must be in [0, 1), got 1'],
    [{ squeezeExcitation: 0 }, 'resNetV1: squeezeExcitation must be at least 1, got 0'],
    [{ recompute: 1 }, 'resNetV1: recompute must be true or false, got 1'],
    [{ l2: -1 }, 'resNetV1: l2 must be null or at least 0, got -1'],
    [{ classifierActivation: 'max' }, 'resNetV1: classifierActivation must be one of '],
    [{ classifierInitializer: 'he' }, 'resNetV1: classifierInitializer must be one of '],
    [{ kernelInitializer: 'he' }, 'resNetV1: kernelInitializer must be one of '],
    [{ strideUnit: 'second' }, "resNetV1: strideUnit must be one of 'first', 'last', got 'second'"],
    [
      { stemPool: 'valid' },
      "resNetV1: stemPool must be one of 'same', 'explicit', 'zeros', got 'valid'",
    ],
    [{ strideOn: 'third' }, "resNetV1: strideOn must be one of 'first', 'second', got 'third'"],
    [{ bias: 'some' }, "resNetV1: bias must be one of 'none', 'unnormalized', 'all', got 'some'"],
    [{ padding: 'valid' }, "resNetV1: padding must be one of 'explicit', 'same', got 'valid'"],
    [{ zeroInitLastGamma: 1 }, 'resNetV1: zeroInitLastGamma must be true or false, got 1'],
    [
      { normalization: { epsilon: 0 } },
      'resNetV1: normalization: epsilon must be a positive number, got 0',
    ],
  ];
  for (const [args, message] of bad) {
    it(`${JSON.stringify(args)} is refused`, () => {
      expect(() => resNetV1(args as ResNetArgs)).toThrow(message);
    });
  }
});

onBackends(['wasm'], () => {
  describe('parameters', () => {
    // Trainable ones of the originals with 1000 classes, counted with the systems themselves.
    const counts: [string, 1 | 2, ResNetArgs, number][] = [
      ['torchvision resnet18', 1, { depth: 18 }, 11_689_512],
      ['torchvision resnet34', 1, { depth: 34 }, 21_797_672],
      ['torchvision resnet50', 1, { depth: 50 }, 25_557_032],
      ['torchvision resnet101', 1, { depth: 101 }, 44_549_160],
      ['torchvision resnet152', 1, { depth: 152 }, 60_192_808],
      ['torchvision wide_resnet50_2', 1, { expansion: 2 }, 68_883_240],
      ['timm resnet18d', 1, { depth: 18, stem: 'deep', shortcut: 'avgProjection' }, 11_708_744],
      ['timm resnetv2_50', 2, {}, 25_549_352],
      ['Keras ResNet101', 1, { depth: 101, preset: 'keras' }, 44_601_832],
      ['Keras ResNet152V2', 2, { depth: 152, preset: 'keras' }, 60_236_904],
      ['tf-slim resnet_v2_200', 2, { depth: 200, preset: 'slim' }, 64_726_120],
      // He et al. 2015, Table 6: 0.27M, 1.7M.
      ['CIFAR ResNet-20', 1, { depth: 20, shortcut: 'pool' }, 269_722],
      ['CIFAR ResNet-110', 1, { depth: 110, shortcut: 'pool' }, 1_727_962],
      // He et al. 2016, Table 4: 1.7M.
      ['CIFAR ResNet-164 of bottlenecks', 2, { depth: 164 }, 1_703_258],
    ];
    for (const [name, version, args, count] of counts) {
      it(`of ${name} are ${count}`, () => {
        const model = BUILDERS[version]({ ...args, ...ZEROS });
        const sizes = model.trainableWeights.map((w) => tf.util.sizeFromShape(w.shape as number[]));
        expect(sizes.reduce((a, b) => a + b)).toBe(count);
        model.dispose();
      });
    }
  });

  describe('a network', () => {
    const small = { depth: 18, width: 1 / 16, classes: 3 } as const;

    it('has stable, readable and unique names', () => {
      const model = resNetV1({ ...small, inputShape: [32, 32, 3] });
      expect(model.layers.map((layer) => layer.name)).toEqual([
        ...['image', 'stem_conv', 'stem_bn', 'stem_pool'],
        ...[1, 2, 3, 4].flatMap((stage) => [1, 2].map((block) => `stage${stage}_block${block}`)),
        ...['pool', 'logits'],
      ]);
      const names = model.weights.map((weight) => weight.originalName);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain('stage2_block1/shortcut_conv/kernel');
      model.dispose();
    });

    for (const version of [1, 2] as const) {
      for (const preset of ['slim', 'keras', 'torch'] as const) {
        it(`of version ${version} as in ${preset} takes images of any size, down to 32`, () => {
          const model = BUILDERS[version]({ ...small, preset, inputShape: [null, null, 3] });
          for (const size of [
            [32, 32],
            [45, 67],
          ]) {
            const x = tf.zeros([2, ...size, 3]);
            const y = model.predict(x) as tf.Tensor;
            expect(y.shape).toEqual([2, 3]);
            tf.dispose([x, y]);
          }
          model.dispose();
        });
      }
    }

    it('ends in features without the classifier, pooled or not', () => {
      const shapes = ([null, 'avg', 'max'] as const).map((pooling) => {
        const model = resNetV2({ ...small, includeTop: false, pooling, inputShape: [64, 96, 1] });
        const { outputShape } = model;
        model.dispose();
        return outputShape;
      });
      expect(shapes).toEqual([
        [null, 2, 3, 32],
        [null, 32],
        [null, 32],
      ]);
    });

    it('can be made of any stages, without a stem', () => {
      const args = { units: [1, 2], block: 'bottleneck', filters: 4, stem: 'none' } as const;
      const model = resNetV1({ ...args, includeTop: false, inputShape: [9, 9, 5] });
      expect(model.outputShape).toEqual([null, 5, 5, 32]);
      expect(Object.keys(endPoints(model))).toContain('stage2_block2');
      model.dispose();
    });

    it('has the decay of l2 for each kernel and no other weight', () => {
      const count = (l2: number | null | undefined, preset: 'slim' | 'torch') => {
        const model = resNetV1({ ...small, preset, l2, inputShape: [32, 32, 3] });
        const losses = tf.tidy(() => model.calculateLosses().length);
        model.dispose();
        return losses;
      };
      // 16 convolutions in blocks, 3 projections, the stem and the classifier.
      expect(count(undefined, 'slim')).toBe(21);
      expect(count(null, 'slim')).toBe(0);
      expect(count(undefined, 'torch')).toBe(0);
      expect(count(1e-4, 'torch')).toBe(21);
    });

    it('rises in drop rate from 0 to that of the last block', () => {
      const model = resNetV1({ units: [1, 2], dropPath: 0.2, ...ZEROS, width: 0.25 });
      const rates = model.layers
        .filter((l) => l instanceof Bottleneck)
        .map((l) => l.options.dropPath);
      expect(rates).toEqual([0, 0.1, 0.2]);
      model.dispose();
    });

    it('saves and loads, and has the same end points then', async () => {
      const model = resNetV2({
        ...small,
        preset: 'torch',
        inputShape: [32, 32, 3],
        recompute: true,
      });
      const loaded = await saveAndLoad(model);
      const x = image(1, [32, 32]);
      const [a, b] = [model, loaded].map((m) => m.predict(x) as tf.Tensor);
      await expectClose(b!, await a!.data(), { tolerance: 0 });
      const shapes = [model, loaded].map((m) =>
        Object.entries(endPoints(m)).map(([name, { shape }]) => [name, shape]),
      );
      expect(shapes[1]).toEqual(shapes[0]);
      expect(Object.keys(endPoints(model))).toEqual(
        expect.arrayContaining(['stem', 'stage1', 'stage4_block2', 'stage4', 'features', 'logits']),
      );
      tf.dispose([x, a!, b!]);
      model.dispose();
      loaded.dispose();
    });

    it('alone has end points', () => {
      const other = tfl.sequential({
        name: 'other',
        layers: [tfl.layers.dense({ units: 1, inputShape: [1] })],
      });
      expect(() => endPoints(other)).toThrow(
        "endPoints: 'other' is no network of resNetV1 or resNetV2",
      );
      other.dispose();
    });

    it('starts with the variances of the originals', async () => {
      const variance = async (args: ResNetArgs, layer: string) => {
        const model = resNetV1({ units: [1], stem: 'cifar', filters: 64, ...args });
        const kernel = model.weights.find((w) => w.originalName === `${layer}/kernel`)!.read();
        const variance = tf.tidy(() => tf.moments(kernel).variance);
        const [value] = await variance.data();
        variance.dispose();
        model.dispose();
        return value!;
      };
      const conv = 'stage1_block1/conv2';
      // kaiming_normal_(mode='fan_out'): 2 / (9·64). Keras's glorot_uniform: 2 / (9·64 + 9·64).
      expect((await variance({ preset: 'torch' }, conv)) * 9 * 64).toBeCloseTo(2, 1);
      expect((await variance({ preset: 'keras' }, conv)) * 9 * 64).toBeCloseTo(1, 1);
      // tf-slim: a normal distribution of variance 2.6 / fan_in, cut off at two deviations.
      expect((await variance({ preset: 'slim' }, conv)) * 9 * 64).toBeCloseTo(2.6 * 0.774, 1);
      // torch's Linear: uniform in ±1/√256.
      expect((await variance({ preset: 'torch', classes: 100 }, 'logits')) * 256).toBeCloseTo(
        1 / 3,
        2,
      );
    });
  });

  describe('outputStride', () => {
    /** Every n-th row and column. */
    const every = (n: number, x: tf.Tensor) =>
      tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, n, n, 1]);

    const cases: [1 | 2, ResNetArgs][] = [
      [1, { preset: 'slim' }],
      [2, { preset: 'slim' }],
      [1, { preset: 'keras' }],
      [2, { preset: 'torch' }],
      [1, { depth: 18 }],
      [1, { depth: 18, stem: 'deep', shortcut: 'avgProjection' }],
      [1, { shortcut: 'none' as Exclude<Shortcut, 'identity'> }],
    ];
    for (const [version, args] of cases) {
      for (const stride of [8, 16]) {
        it(`${stride}, every ${32 / stride}-th pixel of it, is the strided network: ${version} ${JSON.stringify(args)}`, async () => {
          const shared = { width: 1 / 16, includeTop: false, inputShape: [65, 49, 3], ...args };
          const strided = BUILDERS[version]({ ...shared, ...ZEROS });
          const dense = BUILDERS[version]({ ...shared, ...ZEROS, outputStride: stride });
          fillByName(strided);
          fillByName(dense);
          const x = image(1, [65, 49]);
          const [expected, actual] = tf.tidy(() => [
            strided.predict(x) as tf.Tensor,
            every(32 / stride, dense.predict(x) as tf.Tensor),
          ]) as [tf.Tensor, tf.Tensor];
          expect(dense.outputShape.slice(1, 3)).toEqual([65, 49].map((n) => Math.ceil(n / stride)));
          await expectClose(actual, await expected.data(), { shape: expected.shape });
          tf.dispose([x, expected, actual]);
          strided.dispose();
          dense.dispose();
        });
      }
    }
  });
});
