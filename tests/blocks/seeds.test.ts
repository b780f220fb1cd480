import { dispose, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  autoencoder,
  Conv2DSame,
  mirror,
  resNetV1,
  resNetV2,
  seeded,
  setSeed,
} from '../../src/index.js';

beforeAll(async () => {
  await setBackend('cpu');
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Own layers, and those of tf.layers with a seeded initializer. */
function encoder(): tfl.Sequential {
  const kernelInitializer = seeded('heNormal');
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({ inputShape: [8, 8, 1], filters: 3, kernelSize: 3, kernelInitializer }),
      new Conv2DSame({ filters: 3, kernelSize: 3, strides: 2 }),
      tfl.layers.maxPooling2d({ poolSize: 3 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 4, kernelInitializer }),
    ],
  });
}

const small = { depth: 8, inputShape: [8, 8, 1], width: 0.25 };
const NETWORKS: Record<string, () => tfl.LayersModel> = {
  "resNetV1 with preset 'torch'": () => resNetV1({ ...small, preset: 'torch' }),
  "resNetV1 with preset 'slim'": () => resNetV1({ ...small, preset: 'slim' }),
  "resNetV1 with preset 'keras'": () => resNetV1({ ...small, preset: 'keras' }),
  "resNetV1 with padding 'same'": () => resNetV1({ ...small, padding: 'same' }),
  resNetV2: () => resNetV2({ ...small, depth: 11, block: 'bottleneck', squeezeExcitation: 2 }),
  mirror: () => mirror(encoder()),
  autoencoder: () => autoencoder(encoder(), { skips: 'concat' }),
  'autoencoder with tied weights': () => autoencoder(encoder(), { tied: true }),
};

/** A model's weights that are not all alike, and so were drawn. */
function drawn(make: () => tfl.LayersModel): number[][] {
  const model = make();
  const values = model.getWeights().map((weight) => Array.from(weight.dataSync()));
  dispose(model.weights.map((weight) => weight.read()));
  return values.filter(([first, ...rest]) => rest.some((value) => value !== first));
}

describe('setSeed', () => {
  it.each(Object.entries(NETWORKS))('decides the initial weights of %s', (_, make) => {
    // All that tf.layers doesn't take from a seed comes from here.
    vi.spyOn(Math, 'random').mockImplementation(() => expect.fail('Math.random was asked'));
    const [first, again, other] = [1, 1, 2].map((seed) => {
      setSeed(seed);
      return drawn(make);
    });
    expect(first!.length).toBeGreaterThan(2);
    expect(again).toEqual(first);
    for (const [i, values] of other!.entries()) expect(values).not.toEqual(first![i]);
  });

  it('gives no two layers the same weights', () => {
    const kernels = drawn(NETWORKS.resNetV2!).map((values) => values.slice(0, 3).join());
    expect(new Set(kernels).size).toBe(kernels.length);
  });

  it('takes an integer', () => {
    expect(() => setSeed(0.5)).toThrow('setSeed: seed must be an integer, got 0.5');
    expect(() => setSeed('1' as never)).toThrow("setSeed: seed must be an integer, got '1'");
  });
});

describe('seeded', () => {
  const { initializers } = tfl;
  type Identifier = Parameters<typeof seeded>[0];
  const values = (identifier: Identifier) => {
    const tensor = seeded(identifier).apply([3, 4], 'float32');
    const found = Array.from(tensor.dataSync());
    tensor.dispose();
    return found;
  };
  const RANDOM: [string, Identifier][] = [
    // 'orthogonal' needs the chained operations of the package @tensorflow/tfjs.
    ...Object.keys(initializers)
      .filter((name) => /normal|uniform/i.test(name))
      .map((name): [string, Identifier] => [name, name as Identifier]),
    ['an instance', initializers.truncatedNormal({ stddev: 2 })],
    ['a saved one', { className: 'RandomUniform', config: { minval: 5, maxval: 6 } } as never],
  ];

  it.each(RANDOM)('%s follows from setSeed, and differs from use to use', (_, identifier) => {
    setSeed(3);
    const [first, second] = [values(identifier), values(identifier)];
    setSeed(3);
    expect([values(identifier), values(identifier)]).toEqual([first, second]);
    expect(second).not.toEqual(first);
  });

  it('keeps the distribution', () => {
    const saved = { className: 'RandomUniform', config: { minval: 5, maxval: 6 } } as never;
    for (const value of values(saved)) expect(Math.abs(value - 5.5)).toBeLessThanOrEqual(0.5);
  });

  it('leaves an initializer alone that has a seed, or no random numbers', () => {
    for (const own of [initializers.heNormal({ seed: 7 }), initializers.ones()]) {
      expect(seeded(own)).toBe(own);
    }
  });

  it('is saved as tf.layers saves the initializer, without a seed', () => {
    const [stock, ours] = [initializers.heNormal({}), seeded('heNormal')];
    expect(ours.getClassName()).toBe(stock.getClassName());
    expect(ours.getConfig()).toEqual(stock.getConfig());
  });

  it('refuses what is no initializer', () => {
    expect(() => seeded('random' as never)).toThrow(
      /^seeded: the initializer must be one of .*heNormal.*, got 'random'$/,
    );
  });
});
