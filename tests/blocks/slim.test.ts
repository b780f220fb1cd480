/**
 * The cases of tf-slim's own tests of its residual networks (ResnetUtilsTest and
 * ResnetCompleteNetworkTest of nets/resnet_v1_test.py and resnet_v2_test.py, tf-slim 1.1.0).
 */

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { Subsample2D } from '../../src/blocks/Subsample2D.js';
import { Conv2DSame, endPoints, type ResNetArgs, resNetV1, resNetV2 } from '../../src/index.js';
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { fillByName } from './formula.js';

const BUILDERS = { 1: resNetV1, 2: resNetV2 };

/** Images that are i + j at row i and column j. */
function grid(...[batch, height, width, channels]: [number, number, number, number]): tf.Tensor4D {
  const size = batch * height * width * channels;
  const values = Float32Array.from({ length: size }, (_, at) => {
    const pixel = Math.floor(at / channels) % (height * width);
    return Math.floor(pixel / width) + (pixel % width);
  });
  return tf.tensor4d(values, [batch, height, width, channels]);
}

const subsample = (x: tf.Tensor, strides: number) =>
  new Subsample2D({ strides }).apply(x) as tf.Tensor;

/** The small network of those tests, with a root of one channel where theirs has 64. */
const SMALL: ResNetArgs = {
  preset: 'slim',
  block: 'bottleneck',
  units: [3, 3, 3, 2],
  filters: 1,
  kernelInitializer: 'zeros',
  includeTop: false,
};

onBackends(['cpu', 'wasm'], () => {
  it.each([
    [3, [0, 2, 6, 8]],
    [4, [0, 2, 8, 10]],
  ])('subsampling an image of %i×%i by 2 keeps its pixels %o', async (n, expected) => {
    const x = tf.tensor4d([...Array(n * n).keys()], [1, n, n, 1], 'float32');
    const y = subsample(x, 2);
    await expectClose(y, expected, { tolerance: 0, shape: [1, 2, 2, 1] });
    tf.dispose([x, y]);
  });

  const EVEN = [
    [14, 28, 43, 26],
    [28, 48, 66, 37],
    [43, 66, 84, 46],
    [26, 37, 46, 22],
  ];
  const ODD = [
    [14, 28, 43, 58, 34],
    [28, 48, 66, 84, 46],
    [43, 66, 84, 102, 55],
    [58, 84, 102, 120, 64],
    [34, 46, 55, 64, 30],
  ];
  const cases: { whole: number[][]; strided: number[][]; same: number[][] }[] = [
    {
      whole: EVEN,
      strided: [
        [14, 43],
        [43, 84],
      ],
      // TensorFlow's SAME, which an even image shifts.
      same: [
        [48, 37],
        [37, 22],
      ],
    },
    {
      whole: ODD,
      strided: [
        [14, 43, 34],
        [43, 84, 55],
        [34, 55, 30],
      ],
      same: [
        [14, 43, 34],
        [43, 84, 55],
        [34, 55, 30],
      ],
    },
  ];
  for (const { whole, strided, same } of cases) {
    const n = whole.length;
    it(`a strided Conv2DSame of ${n}×${n} is the subsampled one, and SAME is what it is`, async () => {
      const x = grid(1, n, n, 1);
      const kernel = tf.tidy(() => tf.reshape(grid(1, 3, 3, 1), [3, 3, 1, 1]));
      const args = { filters: 1, kernelSize: 3, useBias: false };
      const conv = (strides: number) => new Conv2DSame({ ...args, strides, weights: [kernel] });
      const stock = tfl.layers.conv2d({ ...args, strides: 2, padding: 'same', weights: [kernel] });
      const layers = [conv(1), conv(2), stock];
      const [y1, y3, y4] = layers.map((layer) => layer.apply(x) as tf.Tensor);
      const y2 = subsample(y1!, 2);
      await expectClose(y1!, whole.flat(), { tolerance: 0 });
      await expectClose(y2, strided.flat(), { tolerance: 0 });
      await expectClose(y3!, strided.flat(), { tolerance: 0, shape: y2.shape });
      await expectClose(y4!, same.flat(), { tolerance: 0, shape: y2.shape });
      tf.dispose([x, kernel, y1!, y2, y3!, y4!]);
      for (const layer of layers) layer.dispose();
    });
  }
});

onBackends(['wasm'], () => {
  for (const version of [1, 2] as const) {
    const build = (args: ResNetArgs) => BUILDERS[version]({ ...SMALL, ...args });

    describe(`version ${version}`, () => {
      const shapes: [string, ResNetArgs, number, number[]][] = [
        ['of 224', {}, 224, [28, 14, 7, 7]],
        ['of 321', {}, 321, [41, 21, 11, 11]],
        ['of 128 without a root', { stem: 'none' }, 128, [64, 32, 16, 16]],
        ['of 321 with output stride 8', { outputStride: 8 }, 321, [41, 41, 41, 41]],
      ];
      for (const [name, args, size, expected] of shapes) {
        it(`has the end points of an image ${name}`, () => {
          const network = build({ ...args, inputShape: [size, size, 3] });
          const points = endPoints(network);
          const stages = [1, 2, 3, 4].map((stage) => points[`stage${stage}`]!.shape);
          expect(stages).toEqual(expected.map((n, i) => [null, n, n, 4 * 2 ** i]));
          network.dispose();
        });
      }

      it('takes batches and images of unknown size', () => {
        const x = grid(2, 65, 65, 3);
        const known = build({ includeTop: true, classes: 10, inputShape: [65, 65, 3] });
        const open = build({ inputShape: [null, null, 3] });
        const atrous = build({ inputShape: [null, null, 3], outputStride: 8 });
        expect(known.outputShape).toEqual([null, 10]);
        expect([open, atrous].map((m) => m.outputShape)).toEqual(
          Array(2).fill([null, null, null, 32]),
        );
        const outputs = [known, open, atrous].map((m) => m.predict(x) as tf.Tensor);
        expect(outputs.map((y) => y.shape)).toEqual([
          [2, 10],
          [2, 3, 3, 32],
          [2, 9, 9, 32],
        ]);
        tf.dispose([x, outputs]);
        for (const model of [known, open, atrous]) model.dispose();
      });

      const atrous: [string, ResNetArgs, tf.Tensor4D['shape'], number[]][] = [
        ['the small network', {}, [2, 81, 81, 3], [4, 8, 16, 32]],
        [
          'plain blocks',
          { stem: 'none', units: [2, 2, 2, 2], pooling: null },
          [1, 30, 31, 3],
          [1, 2, 4, 8],
        ],
      ];
      for (const [name, args, shape, strides] of atrous) {
        it(`of ${name}, dense at output strides ${strides}, is subsampled the strided one`, async () => {
          const x = grid(...shape);
          const inputShape = shape.slice(1);
          const nominal = build({ ...args, inputShape });
          fillByName(nominal);
          const expected = nominal.predict(x) as tf.Tensor;
          const values = await expected.data();
          expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(1e-2);
          for (const outputStride of strides) {
            const dense = build({ ...args, inputShape, outputStride });
            fillByName(dense);
            const y = tf.tidy(() => {
              return subsample(dense.predict(x) as tf.Tensor, strides.at(-1)! / outputStride);
            });
            await expectClose(y, values, { tolerance: 1e-4, shape: expected.shape });
            y.dispose();
            dense.dispose();
          }
          tf.dispose([x, expected]);
          nominal.dispose();
        });
      }

      it('strides in the last unit of a stage as if the stage were subsampled at its end', async () => {
        const x = grid(1, 30, 31, 3);
        const args = { units: [3, 1], stem: 'none', inputShape: [30, 31, 3] } as const;
        const network = build(args);
        const stride1 = build({ ...args, outputStride: 1 });
        const [strided, whole] = [network, stride1].map((m) => {
          fillByName(m);
          return tfl.model({ inputs: m.inputs, outputs: endPoints(m).stage1! });
        }) as [tfl.LayersModel, tfl.LayersModel];
        const [a, b] = tf.tidy(() => [
          strided.predict(x) as tf.Tensor,
          subsample(whole.predict(x) as tf.Tensor, 2),
        ]) as [tf.Tensor, tf.Tensor];
        await expectClose(a, await b.data(), { shape: [1, 15, 16, 4] });
        tf.dispose([x, a, b]);
        network.dispose();
        stride1.dispose();
      });
    });
  }
});
