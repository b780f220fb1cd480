import '@tensorflow/tfjs-backend-cpu';
import { memory } from '@tensorflow/tfjs-core';
import { constraints, layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/index.js';
import { loadWeights, WeightsError } from '../../src/weights/index.js';
import { onBackends } from '../support/backends.js';
import { constants, fixture } from './fixtures.js';
import { holder, torchNet, weightsOf } from './models.js';

const KEPT = 'nothing was loaded:';

onBackends(['cpu'], () => {
  it('gives the model the values of a file, and says which weights it gave and what it left', async () => {
    const model = holder({ a: [2], b: [1, 2] });
    const file = constants({
      'holder/b': { shape: [1, 2], value: 2 },
      'holder/a': { shape: [2], value: 1 },
    });
    const report = await loadWeights(model, file);
    expect(report).toEqual({ loaded: ['holder/b', 'holder/a'], ignored: [] });
    expect(weightsOf(model)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    model.dispose();
  });

  it('does not apply constraints, which are for training', async () => {
    const kernelConstraint = constraints.maxNorm({ maxValue: 1 });
    const dense = layers.dense({
      name: 'd',
      units: 1,
      inputShape: [1],
      useBias: false,
      kernelConstraint,
    });
    const model = sequential({ layers: [dense] });
    await loadWeights(model, constants({ 'd/kernel': { shape: [1, 1], value: 5 } }));
    expect(weightsOf(model)).toEqual([[5]]);
    model.dispose();
  });

  describe('when the file does not fit', () => {
    it('lists everything that is wrong in one error, and changes nothing', async () => {
      const model = holder({ a: [2], b: [3], c: [2, 2], d: [1] });
      const before = weightsOf(model);
      const file = constants({
        'holder/a': { shape: [2], value: NaN },
        'holder/c': { shape: [4], value: 1 },
        'holder/d': { shape: [1], value: 1 },
        'holder/x': { shape: [2, 1], value: 1 },
      });
      const tensors = memory().numTensors;
      const error = await loadWeights(model, file).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(WeightsError);
      expect(error.message.split('\n')).toEqual([
        `the file doesn't fit the model, ${KEPT}`,
        "  shape: 'holder/c' must be [2, 2], got [4], in 'holder/c'",
        "  extra: 'holder/x' [2, 1]",
        "  missing: 'holder/b' [3]",
        "  not finite: 2 of 2 in 'holder/a'",
      ]);
      expect(memory().numTensors).toBe(tensors);
      expect(weightsOf(model)).toEqual(before);
      model.dispose();
    });

    it('says so when no name is known at all', async () => {
      const model = torchNet();
      const loading = loadWeights(model, await fixture('torch.safetensors'));
      await expect(loading).rejects.toThrow("no name is known: is 'from' the right system?");
      model.dispose();
    });

    it('names the shape before and after transposing', async () => {
      const model = sequential({
        layers: [layers.dense({ name: 'fc', units: 3, inputShape: [2] })],
      });
      const file = constants({
        'fc.weight': { shape: [2, 2], value: 1 },
        'fc.bias': { shape: [3], value: 1 },
      });
      await expect(loadWeights(model, file, { from: 'torchvision' })).rejects.toThrow(
        "shape: 'fc/kernel' must be [2, 3], got [2, 2], [2, 2] transposed, in 'fc.weight'",
      );
      model.dispose();
    });

    it.each(['keras', 'slim', 'timm', 'torchvision'] as const)(
      "knows no names of %s's that every JavaScript object has",
      async (from) => {
        const model = holder({ a: [1] });
        for (const name of [
          'constructor',
          'constructor.constructor',
          'layer1.0.constructor.weight',
        ]) {
          const file = constants({ [name]: { shape: [1], value: 1 } });
          await expect(loadWeights(model, file, { from })).rejects.toThrow(`extra: '${name}' [1]`);
        }
        model.dispose();
      },
    );

    it('does not take a kernel for another of as many elements', async () => {
      const conv = layers.conv2d({
        name: 'c',
        filters: 1,
        kernelSize: [3, 1],
        inputShape: [5, 5, 1],
        useBias: false,
      });
      const model = sequential({ layers: [conv] });
      const file = constants({ 'c.weight': { shape: [1, 1, 1, 3], value: 1 } });
      await expect(loadWeights(model, file, { from: 'timm' })).rejects.toThrow("shape: 'c/kernel'");
      model.dispose();
    });
  });

  it('loads NaN when it is allowed', async () => {
    const model = holder({ a: [1] });
    const file = constants({ 'holder/a': { shape: [1], value: NaN } });
    await loadWeights(model, file, { allowNonFinite: true });
    expect(weightsOf(model)).toEqual([[NaN]]);
    model.dispose();
  });

  describe('except', () => {
    const file = constants({
      'holder/a': { shape: [1], value: 1 },
      'holder/head': { shape: [5], value: 1 },
      'other/b': { shape: [1], value: 1 },
    });

    it('leaves weights and tensors alone, by the names of either', async () => {
      const model = holder({ a: [1], head: [2], more: [1] });
      const report = await loadWeights(model, file, { except: /head|more|^other/ });
      expect(report).toEqual({ loaded: ['holder/a'], ignored: ['holder/head', 'other/b'] });
      expect(weightsOf(model)).toEqual([[1], [0, 0], [0]]);
      model.dispose();
    });

    it('works with a global expression', async () => {
      const model = holder({ a: [1], head: [2] });
      const report = await loadWeights(model, file, { except: /head|other/g });
      expect(report.ignored).toEqual(['holder/head', 'other/b']);
      model.dispose();
    });
  });

  describe('from', () => {
    const file = constants({
      first: { shape: [2, 3], value: 1 },
      second: { shape: [4], value: 2 },
    });

    it('may be a function that renames, transposes and leaves out', async () => {
      const model = holder({ a: [3, 2] });
      const shapes: unknown[] = [];
      await loadWeights(model, file, {
        from: (name, shape) => {
          shapes.push([name, shape]);
          return name === 'first' ? { name: 'holder/a', transpose: [1, 0] } : null;
        },
      });
      expect(shapes).toEqual([
        ['first', [2, 3]],
        ['second', [4]],
      ]);
      expect(weightsOf(model)).toEqual([[1, 1, 1, 1, 1, 1]]);
      model.dispose();
    });

    it('says what a tensor would have been, when a function names no weight', async () => {
      const model = holder({ a: [4] });
      await expect(loadWeights(model, file, { from: (name) => `holder/${name}` })).rejects.toThrow(
        "extra: 'first' [2, 3], which would be 'holder/first'",
      );
      model.dispose();
    });

    it('refuses two tensors for one weight', async () => {
      const model = holder({ a: [2, 3] });
      await expect(loadWeights(model, file, { from: () => 'holder/a' })).rejects.toThrow(
        "twice: 'holder/a' is 'first' and 'second'",
      );
      model.dispose();
    });

    it('refuses axes that are not all axes', async () => {
      const model = holder({ a: [2, 2] });
      const from = () => ({ name: 'holder/a', transpose: [1, 1] });
      await expect(loadWeights(model, file, { from })).rejects.toThrow(
        "shape: 'holder/a' can't be transposed by [1, 1] from [2, 3], in 'first'",
      );
      model.dispose();
    });

    it('refuses a system that it does not know, before it reads', async () => {
      const model = holder({ a: [1] });
      const loading = loadWeights(model, 'nowhere', { from: 'onnx' as 'keras' });
      await expect(loading).rejects.toThrow(OptionError);
      await expect(loading).rejects.toThrow(
        "loadWeights: from must be one of 'keras', 'slim', 'timm', 'torchvision', got 'onnx'",
      );
      model.dispose();
    });
  });
});
