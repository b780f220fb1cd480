import { dispose, ones, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  SummaryWriter,
  summarizeActivations,
  summarizeVariables,
} from '../../src/summary/index.js';
import { onBackends } from '../support/backends.js';
import { byTag } from '../support/eventLog.js';
import { memorySink } from '../support/memorySink.js';
import { PairBlock } from '../support/pairBlock.js';

const { dense } = tfl.layers;

/** The scalars that `write` writes, by tag, and the histograms' numbers of values. */
async function written(write: (writer: SummaryWriter) => Promise<void>) {
  const sink = memorySink();
  const writer = new SummaryWriter(sink);
  await write(writer);
  await writer.close();
  const found = Object.entries(byTag(sink.bytes()));
  return Object.fromEntries(
    found.map(([tag, [v]]) => [tag, v!.histo ? v!.histo.num : v!.simple_value]),
  );
}

/** A dense layer of no activation, whose kernel is given. */
function linear(name: string, kernel: number[][], activation?: 'relu') {
  const inputShape = [kernel.length];
  const layer = dense({ name, inputShape, units: kernel[0]!.length, useBias: false, activation });
  layer.build([null, kernel.length]);
  tidy(() => layer.setWeights([tensor2d(kernel)]));
  return layer;
}

onBackends(['cpu'], () => {
  describe('summarizeVariables', () => {
    it('writes mean, stddev, min, max and histogram of every weight', async () => {
      const model = tfl.sequential({
        layers: [
          linear('a', [
            [1, 2],
            [3, 6],
          ]),
          linear('b', [[5], [5]]),
        ],
      });
      expect(await written((writer) => summarizeVariables(writer, model, 3))).toEqual({
        'weights/a/kernel/mean': 3,
        'weights/a/kernel/stddev': Math.fround(Math.sqrt(3.5)),
        'weights/a/kernel/min': 1,
        'weights/a/kernel/max': 6,
        'weights/a/kernel/histogram': 4,
        'weights/b/kernel/mean': 5,
        'weights/b/kernel/stddev': 0,
        'weights/b/kernel/min': 5,
        'weights/b/kernel/max': 5,
        'weights/b/kernel/histogram': 2,
      });
      model.dispose();
    });

    it('names the weights by their models and blocks, and writes shared ones once', async () => {
      const block = new PairBlock({ name: 'block' });
      const inner = tfl.sequential({ name: 'inner', layers: [linear('a', [[1, 2]]), block] });
      const input = tfl.input({ shape: [1] });
      const twice = [1, 2].map(() => inner.apply(input) as tfl.SymbolicTensor);
      const sum = tfl.layers.add().apply(twice) as tfl.SymbolicTensor;
      const model = tfl.model({ inputs: input, outputs: sum });
      const found = await written((writer) => summarizeVariables(writer, model, 0));
      expect(Object.keys(found).filter((tag) => tag.endsWith('/mean'))).toEqual([
        'weights/inner/a/kernel/mean',
        'weights/inner/block/reduce/kernel/mean',
        'weights/inner/block/reduce/bias/mean',
        'weights/inner/block/expand/kernel/mean',
        'weights/inner/block/expand/bias/mean',
      ]);
      dispose(model.weights.map((weight) => weight.read()));
    });

    it('shows a NaN in every scalar, and counts it', async () => {
      const model = tfl.sequential({ layers: [linear('nan', [[1, Number.NaN]])] });
      expect(await written((writer) => summarizeVariables(writer, model, 0))).toEqual({
        'weights/nan/kernel/mean': Number.NaN,
        'weights/nan/kernel/stddev': Number.NaN,
        'weights/nan/kernel/min': Number.NaN,
        'weights/nan/kernel/max': Number.NaN,
        'weights/nan/kernel/histogram': 1,
        'weights/nan/kernel/histogram/nonfinite': 1,
      });
      model.dispose();
    });
  });

  describe('summarizeActivations', () => {
    async function means(model: tfl.LayersModel, inputs: Tensor | Tensor[]) {
      const all = await written((writer) => summarizeActivations(writer, model, inputs, 0));
      const found = Object.entries(all).filter(([tag]) => tag.endsWith('/mean'));
      return Object.fromEntries(found.map(([tag, value]) => [tag.slice(12, -5), value]));
    }

    it('writes the output of each layer with its share of zeros', async () => {
      const model = tfl.sequential({
        layers: [linear('r', [[1, -1, -2, 3]], 'relu'), linear('s', [[1], [1], [1], [1]])],
      });
      const x = ones([2, 1]);
      const found = await written((writer) => summarizeActivations(writer, model, x, 0));
      expect(found).toEqual({
        'activations/r/mean': 1,
        'activations/r/stddev': Math.fround(Math.sqrt(1.5)),
        'activations/r/min': 0,
        'activations/r/max': 3,
        'activations/r/histogram': 8,
        'activations/r/zero_fraction': 0.5,
        'activations/s/mean': 4,
        'activations/s/stddev': 0,
        'activations/s/min': 4,
        'activations/s/max': 4,
        'activations/s/histogram': 2,
        'activations/s/zero_fraction': 0,
      });
      x.dispose();
      model.dispose();
    });

    it('enters nested models, also the first of a Sequential, and counts calls', async () => {
      const shared = linear('shared', [[2]]);
      const encoder = tfl.sequential({
        name: 'encoder',
        layers: [linear('e', [[3]]), linear('f', [[1]])],
      });
      const nested = tfl.sequential({ name: 'nested', layers: [encoder, linear('d', [[5]])] });
      const input = tfl.input({ shape: [1] });
      const once = shared.apply(nested.apply(input)) as tfl.SymbolicTensor;
      const outputs = shared.apply(once) as tfl.SymbolicTensor;
      const model = tfl.model({ inputs: input, outputs });
      const x = ones([4, 1]);
      expect(await means(model, x)).toEqual({
        'nested/encoder/e': 3,
        'nested/encoder/f': 3,
        'nested/d': 15,
        shared: 30,
        shared_1: 60,
      });
      x.dispose();
      model.dispose();
      // tfjs counts its two calls, and disposes of one with the model.
      shared.dispose();
    });

    it('is in inference mode', async () => {
      const model = tfl.sequential({
        layers: [tfl.layers.dropout({ name: 'drop', rate: 0.9, inputShape: [1000] })],
      });
      const x = ones([1, 1000]);
      expect(await means(model, x)).toEqual({ drop: 1 });
      x.dispose();
    });

    it('takes one tensor per input', async () => {
      const [a, b] = [tfl.input({ shape: [1] }), tfl.input({ shape: [1] })];
      const sum = tfl.layers.add({ name: 'sum' }).apply([a, b]) as tfl.SymbolicTensor;
      const model = tfl.model({ inputs: [a, b], outputs: sum });
      const x = ones([1, 1]);
      expect(await means(model, [x, x])).toEqual({ sum: 2 });
      await expect(means(model, x)).rejects.toThrow(
        'summarizeActivations: inputs must be 2 tensors, got 1',
      );
      x.dispose();
    });

    it('leaves the names of later models as they would be', async () => {
      const model = tfl.sequential({ layers: [linear('one', [[1]])] });
      const x = ones([1, 1]);
      const number = () =>
        Number(/\d+$/.exec(tfl.model({ inputs: model.inputs, outputs: model.outputs }).name));
      const before = number();
      await means(model, x);
      expect(number()).toBe(before + 1);
      x.dispose();
      model.dispose();
    });
  });
});
