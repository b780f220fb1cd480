import { ones, type Tensor, tensor1d, tidy, train, zeros } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { CroppedConv2DTranspose, type CroppedConv2DTransposeArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { tensorOf } from '../support/convolution64.js';
import { noise } from '../support/float64.js';
import { nameOf, saveAndLoad } from '../support/saveLoad.js';

const small = { filters: 1, kernelSize: 3, strides: 2, padding: 'same' } as const;

/** Disposes what a layer owns, whether it has been used or not. */
function disposeWeights(layer: tfl.layers.Layer): void {
  for (const weight of layer.weights) weight.dispose();
}

onEveryBackend(() => {
  describe('the output size', () => {
    const shapeOf = (args: Partial<CroppedConv2DTransposeArgs>, ...inputs: (number | null)[][]) =>
      new CroppedConv2DTranspose({ ...small, ...args }).computeOutputShape(
        inputs.length === 1 ? inputs[0]! : inputs,
      );

    it('is that of tf.layers.conv2dTranspose by default', () => {
      for (const padding of ['same', 'valid'] as const)
        for (const kernelSize of [1, 2, 3, 5])
          for (const strides of [1, 2, 4]) {
            const args = { filters: 2, kernelSize, strides, padding };
            const stock = tfl.layers.conv2dTranspose(args).computeOutputShape([null, 5, 3, 1]);
            expect(shapeOf(args, [null, 5, 3, 1])).toEqual(stock);
          }
    });

    it('is outputSize, even where the size of the input is unknown', () => {
      expect(shapeOf({ outputSize: 9 }, [2, 5, 5, 1])).toEqual([2, 9, 9, 1]);
      expect(shapeOf({ outputSize: [9, 14] }, [null, null, 7, 4])).toEqual([null, 9, 14, 1]);
    });

    it('is what Keras makes of outputPadding', () => {
      expect(shapeOf({ outputPadding: 0 }, [1, 5, 6, 1])).toEqual([1, 9, 11, 1]);
      expect(shapeOf({ outputPadding: [1, 0] }, [1, 5, 6, 1])).toEqual([1, 10, 11, 1]);
      expect(shapeOf({ outputPadding: 1, kernelSize: 4 }, [1, 5, 6, 1])).toEqual([1, 9, 11, 1]);
      expect(shapeOf({ outputPadding: 1, padding: 'valid' }, [1, 5, 6, 1])).toEqual([1, 12, 14, 1]);
      expect(shapeOf({ outputPadding: 0, dilationRate: 2 }, [1, null, 6, 1])).toEqual([
        1,
        null,
        11,
        1,
      ]);
    });

    it('is that of the reference, known or not', () => {
      expect(shapeOf({}, [1, 5, 7, 4], [1, 9, 14, 3])).toEqual([1, 9, 14, 1]);
      expect(shapeOf({}, [null, null, null, 4], [null, null, 14, 3])).toEqual([null, null, 14, 1]);
      expect(shapeOf({}, [null, null, 7, 4])).toEqual([null, null, 14, 1]);
    });

    it('is refused with the possible range where no convolution leads to the input', () => {
      const named = { ...small, name: 'up' };
      expect(() => shapeOf({ ...named, outputSize: 11 }, [1, 5, 5, 1])).toThrow(
        "CroppedConv2DTranspose 'up': the height of outputSize must be in [9, 10] for an input of height 5, got 11",
      );
      expect(() => shapeOf(named, [1, 5, 5, 1], [1, 9, 8, 1])).toThrow(
        "CroppedConv2DTranspose 'up': the width of the reference must be in [9, 10] for an input of width 5, got 8",
      );
      expect(() => shapeOf({ ...named, padding: 'valid', outputSize: 10 }, [1, 5, 5, 1])).toThrow(
        'must be in [11, 12] for an input of height 5, got 10',
      );
    });
  });

  describe('a functional autoencoder', () => {
    const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
    const STEP = { kernelSize: 3, strides: 2, padding: 'same', kernelInitializer } as const;

    /** Encoder and decoder of images of unknown size; each size comes from the encoder. */
    function autoencoder(stages: number): tfl.LayersModel {
      const input = tfl.input({ shape: [null, null, 1] });
      const path = [input];
      for (let i = 0; i < stages; i++) {
        const conv = tfl.layers.conv2d({ ...STEP, filters: i + 2 });
        path.push(conv.apply(path.at(-1)!) as tfl.SymbolicTensor);
      }
      let y = path.pop()!;
      for (const reference of path.reverse()) {
        const filters = reference.shape[3]!;
        y = new CroppedConv2DTranspose({ ...STEP, filters }).apply([
          y,
          reference,
        ]) as tfl.SymbolicTensor;
      }
      return tfl.model({ inputs: input, outputs: y });
    }

    it('gives every size back: 28 → 14 → 7 → 4 → 2 and other odd ones', () => {
      const model = autoencoder(4);
      expect(model.outputShape).toEqual([null, null, null, 1]);
      for (const [h, w] of [
        [28, 28],
        [9, 17],
        [1, 5],
        [13, 30],
      ] as const) {
        const y = tidy(() => (model.predict(zeros([2, h, w, 1])) as Tensor).shape);
        expect(y).toEqual([2, h, w, 1]);
      }
      model.dispose();
    });

    it('learns by model.fit, also from images of an odd size', async () => {
      const model = autoencoder(2);
      const optimizer = train.adam(0.02, 0.9, 0.999, 1e-7);
      model.compile({ optimizer, loss: 'meanSquaredError' });
      const brightness = noise(4 * 9 * 11).map((v) => v + 1);
      const x = tensorOf(brightness, [4, 9, 11, 1]);
      const { history } = await model.fit(x, x, { epochs: 10, batchSize: 4, verbose: 0 });
      expect(history.loss!.at(-1)).toBeLessThan((history.loss![0] as number) / 2);
      for (const t of [x, optimizer, model]) t.dispose();
    });

    it('saves, loads and computes the same', async () => {
      const model = autoencoder(3);
      const loaded = await saveAndLoad(model);
      const x = tensorOf(noise(9 * 11), [1, 9, 11, 1]);
      const [before, after] = [model, loaded].map((m) => tidy(() => m.predict(x) as Tensor));
      expect(after!.dataSync()).toEqual(before!.dataSync());
      for (const t of [x, before!, after!, model, loaded]) t.dispose();
    });
  });

  describe('saving', () => {
    it('keeps every option', async () => {
      const options: CroppedConv2DTransposeArgs = {
        filters: 2,
        kernelSize: [3, 2],
        strides: [2, 3],
        padding: 'same',
        dilationRate: [2, 1],
        crop: 'center',
        outputPadding: [1, 2],
        activation: 'hardSigmoid',
        kernelInitializer: tfl.initializers.heNormal({ seed: 3 }),
        biasInitializer: tfl.initializers.constant({ value: 0.5 }),
        kernelRegularizer: tfl.regularizers.l2({ l2: 0.01 }),
        biasRegularizer: 'l1l2',
        name: 'Decoder_1',
        inputShape: [3, 4, 2],
      };
      const model = tfl.sequential({ layers: [new CroppedConv2DTranspose(options)] });
      const loaded = await saveAndLoad(model);
      const config = (m: tfl.LayersModel) => JSON.stringify(m.layers[0]!.getConfig());
      expect(config(loaded)).toBe(config(model));
      expect(loaded.layers[0]).toBeInstanceOf(CroppedConv2DTranspose);
      model.dispose();
      loaded.dispose();
    });

    // Not through a model: tf.layers leaks a tensor for each constraint when it loads weights.
    it('keeps constraints', () => {
      const options = { kernelConstraint: 'maxNorm', biasConstraint: 'nonNeg' } as const;
      const config = new CroppedConv2DTranspose({ ...small, ...options }).getConfig();
      const copy = new CroppedConv2DTranspose(config as unknown as CroppedConv2DTransposeArgs);
      expect(config.kernelConstraint).toEqual({
        className: 'MaxNorm',
        config: { maxValue: 2, axis: 0 },
      });
      expect(copy.getConfig()).toEqual(config);
    });

    it('keeps outputSize, and its class beside a stock conv2dTranspose of a similar name', async () => {
      const layer = new CroppedConv2DTranspose({
        ...small,
        outputSize: [9, 10],
        inputShape: [5, 5, 1],
        name: 'conv2d_transpose_2',
      });
      const stock = tfl.layers.conv2dTranspose({ ...small, name: 'conv2d_transpose' });
      const model = tfl.sequential({ layers: [layer, stock] });
      const loaded = await saveAndLoad(model);
      expect(loaded.layers.map((one) => one.constructor)).toEqual([
        CroppedConv2DTranspose,
        stock.constructor,
      ]);
      expect(loaded.layers[0]!.outputShape).toEqual([null, 9, 10, 1]);
      model.dispose();
      loaded.dispose();
    });
  });

  describe('its weights', () => {
    it('have the names, shapes and order of tf.layers.conv2dTranspose', () => {
      const args = { filters: 3, kernelSize: [2, 5] as [number, number], strides: 2 };
      const stock = tfl.layers.conv2dTranspose({ ...args, inputShape: [4, 4, 2], name: 'same' });
      const ours = new CroppedConv2DTranspose({ ...args, inputShape: [4, 4, 2], name: 'same' });
      const models = [stock, ours].map((layer) => tfl.sequential({ layers: [layer] }));
      ours.setWeights(stock.getWeights());
      expect(ours.weights.map(nameOf)).toEqual(stock.weights.map(nameOf));
      expect(ours.weights.map((w) => w.shape)).toEqual([[2, 5, 3, 2], [3]]);
      const x = tensorOf(noise(32), [1, 4, 4, 2]);
      const [a, b] = models.map((m) => tidy(() => m.predict(x) as Tensor));
      expect(b!.dataSync()).toEqual(a!.dataSync());
      for (const t of [x, a!, b!, ...models]) t.dispose();
    });

    it('are regularised and constrained', () => {
      const layer = new CroppedConv2DTranspose({
        ...small,
        kernelInitializer: 'ones',
        kernelRegularizer: tfl.regularizers.l2({ l2: 0.5 }),
        biasConstraint: 'nonNeg',
        inputShape: [2, 2, 1],
      });
      const model = tfl.sequential({ layers: [layer] });
      const losses = tidy(() => layer.calculateLosses().map((loss) => loss.dataSync()[0]));
      expect(losses).toEqual([4.5]);
      tidy(() => void layer.weights[1]!.write(tensor1d([-1])));
      expect(layer.weights[1]!.read().dataSync()[0]).toBe(0);
      model.dispose();
    });
  });

  describe('what CroppedConv2DTranspose refuses', () => {
    const make = (args: object) => () => new CroppedConv2DTranspose({ ...small, ...args });

    it.each([
      [{ filters: 0 }, 'filters must be a positive integer, got 0'],
      [{ kernelSize: [3] }, 'kernelSize must be a positive integer or a pair of them, got [3]'],
      [{ strides: 0.5 }, 'strides must be a positive integer or a pair of them, got 0.5'],
      [{ dilationRate: 0 }, 'dilationRate must be a positive integer or a pair of them, got 0'],
      [{ padding: 'causal' }, "padding must be one of 'same', 'valid', got 'causal'"],
      [{ crop: 'start' }, "crop must be one of 'adjoint', 'begin', 'end', 'center', got 'start'"],
      [{ useBias: 1 }, 'useBias must be true or false, got 1'],
      [{ activation: 'Relu' }, 'activation must be one of'],
      ...[
        ...['kernelInitializer', 'biasInitializer', 'kernelRegularizer'],
        ...['biasRegularizer', 'kernelConstraint', 'biasConstraint'],
      ].map((option): [object, string] => [{ [option]: 'none' }, `${option} must be one of`]),
      [{ outputSize: 0 }, 'outputSize must be a positive integer or a pair of them, got 0'],
      [
        { outputPadding: -1 },
        'outputPadding must be a non-negative integer or a pair of them, got -1',
      ],
      [
        { outputPadding: 2 },
        "outputPadding must be in [0, 1] for a height with kernel 3, stride 2, 'same', got 2",
      ],
      [
        { kernelSize: [3, 4], outputPadding: 0 },
        "outputPadding must be in [1, 1] for a width with kernel 4, stride 2, 'same', got 0",
      ],
      [
        { kernelSize: 4, strides: 1, outputPadding: 0 },
        "outputPadding must be left out for a height with kernel 4, stride 1, 'same', got 0",
      ],
      [
        { padding: 'valid', dilationRate: 2, outputSize: [5, 4] },
        "outputSize must be at least 5 for a width with kernel 5, 'valid', got [5, 4]",
      ],
      [
        { outputSize: 9, outputPadding: 0 },
        'outputPadding must be left out when outputSize is given, got 0',
      ],
      [{ dataFormat: 'channelsFirst' }, "dataFormat must be one of 'channelsLast'"],
      [{ activityRegularizer: 'l2' }, 'activityRegularizer must be left out'],
    ])('%j', (args, message) => {
      expect(make(args)).toThrow(`CroppedConv2DTranspose: ${message}`);
    });

    const call = (args: object, ...inputs: Tensor[]) => {
      const layer = new CroppedConv2DTranspose({ ...small, name: 'up', ...args });
      return () => {
        try {
          layer.apply(inputs.length === 1 ? inputs[0]! : inputs);
        } finally {
          disposeWeights(layer);
          for (const t of inputs) t.dispose();
        }
      };
    };

    it('an input that is not float32, for WASM would return garbage', () => {
      expect(call({}, zeros([1, 3, 3, 1], 'int32'))).toThrow(
        "CroppedConv2DTranspose 'up': the input must be float32, got int32",
      );
    });

    it('an input of another rank, and a disposed one', () => {
      expect(call({}, zeros([3, 3, 1]))).toThrow(
        "'up': the input's rank must be 4, got shape [3, 3, 1]",
      );
      const layer = new CroppedConv2DTranspose({ ...small, name: 'up' });
      const x = zeros([1, 2, 2, 1]);
      x.dispose();
      expect(() => layer.apply(x)).toThrow(
        "'up': the input tensor of shape [1, 2, 2, 1] is disposed",
      );
      disposeWeights(layer);
    });

    it('other channels than it was built for, or unknown ones', () => {
      const layer = new CroppedConv2DTranspose({ ...small, name: 'up' });
      layer.build([null, null, null, 2]);
      const x = zeros([1, 2, 2, 3]);
      expect(() => layer.call(x)).toThrow(
        "'up': the input must have 2 channels, got shape [1, 2, 2, 3]",
      );
      const other = new CroppedConv2DTranspose({ ...small, name: 'up' });
      expect(() => other.build([null, 2, 2, null])).toThrow(
        "'up': axis 3 must have a known size, got [null, 2, 2, null]",
      );
      x.dispose();
      disposeWeights(layer);
    });

    it('a reference beside outputSize or outputPadding, and a third input', () => {
      const x = () => ones([1, 5, 5, 1]);
      expect(call({ outputSize: 9 }, x(), ones([1, 9, 9, 1]))).toThrow(
        "'up': outputSize must be left out when there is a reference, got [9, 9]",
      );
      expect(call({ outputPadding: 0 }, x(), ones([1, 9, 9, 1]))).toThrow(
        "'up': outputPadding must be left out when there is a reference, got [0, 0]",
      );
      expect(call({}, x(), x(), x())).toThrow("'up': takes [x, reference], got 3 inputs");
    });
  });
});
