import {
  avgPool,
  serialization,
  type Tensor,
  type Tensor4D,
  tensor,
  zeros,
} from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { OptionError, Upsample2D, type Upsample2DArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { saveAndLoad, valuesOf } from '../support/saveLoad.js';

onEveryBackend(() => {
  describe('the output size', () => {
    const shapeOf = (args: Upsample2DArgs, shape: (number | null)[]) =>
      new Upsample2D({ name: 'up', ...args }).computeOutputShape(shape);

    it('is twice the input by default', () => {
      expect(shapeOf({}, [null, 7, 5, 3])).toEqual([null, 14, 10, 3]);
    });

    it('is n·size rounded down, or outputSize, as far as the input is known', () => {
      expect(shapeOf({ size: [1.5, 0.5] }, [2, 5, 5, 3])).toEqual([2, 7, 2, 3]);
      expect(shapeOf({ size: 3 }, [null, null, 5, null])).toEqual([null, null, 15, null]);
      expect(shapeOf({ outputSize: 9 }, [null, null, 5, 3])).toEqual([null, 9, 9, 3]);
      expect(shapeOf({ outputSize: [9, 4], interpolation: 'bilinear' }, [1, 5, 5, 3])).toEqual([
        1, 9, 4, 3,
      ]);
    });

    it('takes the stride from size and the length from outputSize in transpose mode', () => {
      const args = { interpolation: 'transpose', size: 4, outputSize: 9 } as const;
      expect(shapeOf(args, [1, 3, 3, 1])).toEqual([1, 9, 9, 1]);
      expect(shapeOf({ interpolation: 'transpose', size: 4 }, [1, 3, 3, 1])).toEqual([
        1, 12, 12, 1,
      ]);
    });

    it('is refused by name where it is impossible', () => {
      expect(() => shapeOf({ size: 0.3 }, [1, 2, 9, 1])).toThrow(
        "Upsample2D 'up': size must be at least 1/2 for an input of height 2, got [0.3, 0.3]",
      );
      expect(() => shapeOf({}, [1, 2, 0, 1])).toThrow(
        "Upsample2D 'up': the input's width must be at least 1, got 0",
      );
      const transpose = { interpolation: 'transpose' } as const;
      expect(() => shapeOf({ ...transpose, size: 2, outputSize: 8 }, [1, 5, 4, 1])).toThrow(
        "Upsample2D 'up': the height of outputSize must be in [9, 10] for an input of height 5, got 8",
      );
      expect(() => shapeOf({ ...transpose, outputSize: [9, 7] }, [1, 5, 5, 1])).toThrow(
        "Upsample2D 'up': the width of outputSize must be what sum pooling with a whole stride takes to a width of 5, got 7",
      );
      expect(() => shapeOf({}, [1, 2, 3])).toThrow(
        "Upsample2D 'up': the input's rank must be 4, got shape [1, 2, 3]",
      );
    });
  });

  it.each<[Upsample2DArgs | Record<string, unknown>, string]>([
    [{ size: 0 }, 'size must be a positive number or a pair of them, got 0'],
    [{ size: [2, -1] }, 'size must be a positive number or a pair of them, got [2, -1]'],
    [{ size: '2' }, "size must be a positive number or a pair of them, got '2'"],
    [
      { size: 1.5, interpolation: 'transpose' },
      'size must be a positive integer or a pair of them, got 1.5',
    ],
    [{ outputSize: 1.5 }, 'outputSize must be a positive integer or a pair of them, got 1.5'],
    [
      { outputSize: [1, 2, 3] },
      'outputSize must be a positive integer or a pair of them, got [1, 2, 3]',
    ],
    [{ size: 2, outputSize: 4 }, 'size must be left out when outputSize is given, got 2'],
    [
      { interpolation: 'lanczos3' },
      "interpolation must be one of 'nearest', 'bilinear', 'bicubic', 'transpose', got 'lanczos3'",
    ],
    [{ alignCorners: 1 }, 'alignCorners must be true or false, got 1'],
    [
      { alignCorners: true, interpolation: 'transpose' },
      "alignCorners must be false when interpolation is 'transpose', got true",
    ],
    [{ cubic: 'tf', interpolation: 'bicubic' }, "cubic must be one of 'keras', 'torch', got 'tf'"],
    [{ cubic: 'torch' }, "cubic must be left out unless interpolation is 'bicubic', got 'torch'"],
  ])('refuses %o by name', (args, message) => {
    const make = () => new Upsample2D(args as Upsample2DArgs);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(`Upsample2D: ${message}`);
  });

  it('takes the size of a reference, which may be unknown when the model is built', async () => {
    const x = tfl.input({ shape: [null, null, 2] });
    const small = tfl.layers.averagePooling2d({ poolSize: 2, padding: 'same' }).apply(x);
    for (const interpolation of ['nearest', 'bilinear', 'transpose'] as const) {
      const layer = new Upsample2D({ interpolation, size: 2 });
      const y = layer.apply([small as tfl.SymbolicTensor, x]) as tfl.SymbolicTensor;
      expect(y.shape).toEqual([null, null, null, 2]);
      const model = tfl.model({ inputs: x, outputs: y });
      const loaded = await saveAndLoad(model);
      const image = tensor(Float32Array.from(noise(80)), [1, 5, 8, 2]);
      const [a, b] = [model, loaded].map((m) => m.predict(image) as Tensor);
      const halved = avgPool(image as Tensor4D, 2, 2, 'same');
      const fixed = new Upsample2D({ interpolation, outputSize: [5, 8] }).apply(halved) as Tensor;
      await expectClose(a!, await fixed.data(), { tolerance: 0, shape: [1, 5, 8, 2] });
      await expectClose(b!, await fixed.data(), { tolerance: 0 });
      for (const t of [image, a!, b!, halved, fixed]) t.dispose();
    }
    const given = new Upsample2D({ outputSize: 4, name: 'up' });
    expect(() =>
      given.computeOutputShape([
        [1, 2, 2, 1],
        [1, 4, 4, 1],
      ]),
    ).toThrow("Upsample2D 'up': outputSize must be left out when there is a reference, got [4, 4]");
    const fixed = new Upsample2D({ interpolation: 'transpose', name: 'up' });
    expect(() =>
      fixed.computeOutputShape([
        [1, 2, 2, 1],
        [1, 5, 4, 1],
      ]),
    ).toThrow('the height of outputSize must be in [3, 4] for an input of height 2, got 5');
  });

  it('refuses several inputs, another rank and a disposed tensor, with its name', () => {
    const layer = new Upsample2D({ name: 'up' });
    const [flat, image] = [zeros([2, 3]), zeros([1, 2, 2, 1])];
    expect(() => layer.apply([image, image, image])).toThrow(
      "Upsample2D 'up': takes [x, reference], got 3 inputs",
    );
    expect(() => layer.apply(flat)).toThrow(
      "Upsample2D 'up': the input's rank must be 4, got shape [2, 3]",
    );
    image.dispose();
    expect(() => layer.apply(image)).toThrow(
      "Upsample2D 'up': the input tensor of shape [1, 2, 2, 1] is disposed",
    );
    flat.dispose();
  });

  it('gives a configuration that makes the same layer', () => {
    const all: Upsample2DArgs[] = [
      {},
      { size: [1.5, 2], interpolation: 'bilinear', alignCorners: true },
      { outputSize: 9, interpolation: 'bicubic', cubic: 'torch' },
      { size: 2, outputSize: [9, 10], interpolation: 'transpose' },
    ];
    for (const args of all) {
      const config = new Upsample2D(args).getConfig();
      expect(new Upsample2D(JSON.parse(JSON.stringify(config))).getConfig()).toEqual(config);
    }
  });

  it('saves and loads in a model, beside a stock upSampling2d', async () => {
    const inner = tfl.sequential({
      layers: [
        new Upsample2D({ inputShape: [3, 4, 2], size: 1.5, interpolation: 'bilinear' }),
        tfl.layers.upSampling2d({ size: [2, 2], dataFormat: 'channelsLast' }),
      ],
    });
    const model = tfl.sequential({
      layers: [
        inner,
        new Upsample2D({ outputSize: [9, 7], interpolation: 'bicubic', cubic: 'torch' }),
        new Upsample2D({ size: 3, outputSize: [25, 20], interpolation: 'transpose' }),
      ],
    });
    const loaded = await saveAndLoad(model);
    const x = tensor(Float32Array.from(noise(24)), [1, 3, 4, 2]);
    const outputs = [model, loaded].map((m) => m.predict(x) as Tensor);
    expect(outputs[1]!.shape).toEqual([1, 25, 20, 2]);
    const [before, after] = await valuesOf(outputs);
    expect(after).toEqual(before);
    for (const t of [x, ...outputs]) t.dispose();
    model.dispose();
    loaded.dispose();
  });

  it('is registered under a name of its own', () => {
    const { classNameMap } = serialization.SerializationMap.getMap();
    expect(classNameMap['Blocks.Upsample2D']![0]).toBe(Upsample2D);
  });

  it('runs on images of unknown size', () => {
    const input = tfl.input({ shape: [null, null, 1] });
    const output = new Upsample2D({ size: 2 }).apply(input) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: output });
    expect(output.shape).toEqual([null, null, null, 1]);
    const x = zeros([1, 3, 5, 1]);
    const y = model.predict(x) as Tensor;
    expect(y.shape).toEqual([1, 6, 10, 1]);
    x.dispose();
    y.dispose();
    model.dispose();
  });
});
