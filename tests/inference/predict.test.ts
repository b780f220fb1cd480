import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Adam, BatchNorm, CroppedConv2DTranspose, resNetV1 } from '../../src/index.js';
import { fuse } from '../../src/inference/index.js';
import { registerKernels } from '../../src/kernels/index.js';
import { onBackends } from '../support/backends.js';
import { noise } from '../support/float64.js';
import { difference, scramble } from './support.js';

type X = SymbolicTensor;
type Layer = layers.Layer;

interface Backend {
  numDataIds(): number;
  wasm: { _malloc(bytes: number): number; _free(address: number): void };
}

const dispose = (...all: (tf.TensorContainer | LayersModel)[]) => {
  for (const one of all) {
    if (one instanceof tf.Tensor || !(one as LayersModel).layers) tf.dispose(one as tf.Tensor);
    else (one as LayersModel).dispose();
  }
};

const image = (shape: number[], seed = 1) =>
  tf.tensor(
    Float32Array.from(
      noise(
        shape.reduce((a, b) => a * b),
        seed,
      ),
    ),
    shape,
  );

/** Runs `work`; returns the sizes of what was allocated, and how many blocks are still there. */
function allocations(work: () => void): { sizes: number[]; left: number } {
  const { wasm } = tf.backend() as unknown as Backend;
  const { _malloc, _free } = wasm;
  const live = new Set<number>();
  const sizes: number[] = [];
  wasm._malloc = (bytes) => {
    const address = _malloc(bytes);
    sizes.push(bytes);
    live.add(address);
    return address;
  };
  wasm._free = (address) => {
    live.delete(address);
    _free(address);
  };
  try {
    work();
  } finally {
    Object.assign(wasm, { _malloc, _free });
  }
  return { sizes, left: live.size };
}

/** A model of one image of a shape. */
function networkOf(shape: number[], branch: (x: X) => X): LayersModel {
  const x = input({ shape });
  const network = model({ inputs: x, outputs: branch(x) });
  scramble(network);
  return network;
}

const on = (layer: Layer, ...x: X[]) => layer.apply(x.length > 1 ? x : x[0]!) as X;
const conv = (filters: number, kernelSize = 3, more = {}) =>
  layers.conv2d({ filters, kernelSize, padding: 'same', ...more });
const relu = () => layers.activation({ activation: 'relu' });

onBackends(['wasm'], () => {
  beforeAll(async () => {
    // The first operation on the CPU prints a greeting.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await tf.setBackend('cpu');
    tf.add(1, 1).dispose();
    await tf.setBackend('wasm');
    warn.mockRestore();
  });

  describe('predict of a fused model', () => {
    it('allocates nothing after the first but its outputs', async () => {
      const network = resNetV1({ depth: 8, inputShape: [32, 32, 3], classes: 5 });
      scramble(network);
      const { model: fast } = fuse(network);
      const x = image([1, 32, 32, 3]);
      tf.dispose(fast.predict(x));
      const before = tf.memory();
      const ids = (tf.backend() as unknown as Backend).numDataIds();
      const { sizes, left } = allocations(() => {
        for (let i = 0; i < 3; i++) tf.dispose(fast.predict(x));
      });
      expect({ sizes, left }).toEqual({ sizes: [20, 20, 20], left: 0 });
      expect(tf.memory()).toEqual(before);
      expect((tf.backend() as unknown as Backend).numDataIds()).toBe(ids);
      expect(await difference(network, fast)).toBeLessThan(1e-4);
      dispose(x, network, fast);
    });

    it.each<[string, number[], (x: X) => X]>([
      [
        'a shortcut and an activation',
        [12, 12, 8],
        (x) => on(relu(), on(layers.add(), on(conv(8), x), x)),
      ],
      [
        'a shortcut that is a convolution, with a large map',
        [20, 20, 8],
        (x) => on(relu(), on(layers.add(), on(conv(16), x), on(conv(16, 1), x))),
      ],
      [
        'a shortcut of channels that do not come in eights',
        [6, 6, 5],
        (x) => on(relu(), on(layers.add(), on(conv(5), x), x)),
      ],
      [
        'a shortcut that others take too',
        [6, 6, 8],
        (x) => {
          const y = on(conv(8), x);
          return on(layers.add(), on(relu(), on(layers.add(), y, x)), y);
        },
      ],
      [
        'padding before a convolution and a pool',
        [9, 9, 3],
        (x) => {
          const y = on(conv(8, 3, { strides: 2, padding: 'valid' }), on(pad(), x));
          return on(layers.maxPooling2d({ poolSize: 2 }), on(pad(), y));
        },
      ],
      [
        'a transposed convolution, its bias and its activation',
        [5, 5, 8],
        (x) => {
          const up = layers.conv2dTranspose({
            ...{ filters: 8, kernelSize: 3, strides: 2, padding: 'same' },
          });
          const first = on(relu(), on(up, x));
          const more = { filters: 3, kernelSize: 1, strides: 2 } as const;
          return on(new CroppedConv2DTranspose(more), first);
        },
      ],
      [
        'a depthwise convolution with relu6',
        [8, 8, 6],
        (x) => on(layers.reLU({ maxValue: 6 }), on(layers.depthwiseConv2d({ kernelSize: 3 }), x)),
      ],
      [
        'relu6, of layers of its own',
        [8, 8, 8],
        (x) => {
          const relu6 = () => layers.activation({ activation: 'relu6' });
          const y = on(relu6(), on(conv(8, 3, { kernelInitializer: 'ones' }), x));
          return on(relu6(), on(layers.depthwiseConv2d({ kernelSize: 3 }), y));
        },
      ],
      [
        'branches that are joined, and dense layers',
        [6, 6, 4],
        (x) => {
          const y = on(layers.concatenate(), on(conv(3), x), on(conv(5, 1), x));
          const z = on(layers.dense({ units: 7, activation: 'relu' }), on(layers.flatten(), y));
          return on(layers.dense({ units: 3, activation: 'softmax' }), z);
        },
      ],
      ['an output that is the input, reshaped', [4, 2], (x) => on(layers.flatten(), x)],
    ])('gives the outputs of the layers: %s', async (_, shape, branch) => {
      const network = networkOf(shape, branch);
      const { model: fast } = fuse(network);
      // Twice on the same, then on other values: the first time the layers compute them.
      for (const seed of [1, 1, 7])
        expect(await difference(network, fast, seed)).toBeLessThan(1e-5);
      dispose(network, fast);
    });

    it('keeps memory for four shapes of inputs, and frees all of it with the model', () => {
      const network = networkOf([8, 8, 4], (x) => on(new BatchNorm(), on(conv(8), x)));
      const { numDataIds } = tf.backend() as unknown as Backend;
      const count = () => numDataIds.call(tf.backend());
      const start = count();
      const { left } = allocations(() => {
        const { model: fast } = fuse(network);
        const predictAll = () => {
          for (const batch of [1, 2, 3, 4, 5, 40]) {
            const x = image([batch, 8, 8, 4]);
            tf.dispose([x, fast.predict(x), fast.predictOnBatch(x)]);
          }
        };
        predictAll();
        const held = count();
        predictAll();
        expect(count()).toBe(held);
        fast.dispose();
      });
      expect(left).toBe(0);
      expect(count()).toBe(start);
      network.dispose();
    });

    it('follows new weights', async () => {
      const network = networkOf([8, 8, 4], (x) => on(conv(8), x));
      const { model: fast } = fuse(network);
      expect(await difference(network, fast)).toBeLessThan(1e-5);
      tf.tidy(() => {
        const weights = network.getWeights().map((w) => tf.add(tf.mul(w, 2), 0.1));
        network.setWeights(weights);
        fast.setWeights(weights);
      });
      for (let i = 0; i < 2; i++) expect(await difference(network, fast)).toBeLessThan(1e-5);
      dispose(network, fast);
    });

    it('follows steps of an optimizer on its weights, and no steps on those of the other model', async () => {
      const network = networkOf([8, 8, 4], (x) => {
        const y = on(layers.flatten(), on(relu(), on(conv(8), x)));
        return on(layers.dense({ units: 3 }), y);
      });
      const { model: fast } = fuse(network);
      const [ours, others] = [1, 2].map(() => new Adam({ learningRate: 0.05 })) as [Adam, Adam];
      const step = (optimizer: Adam, trained: LayersModel) => {
        tf.tidy(() => {
          const variables = trained.weights.map((weight) => weight.read() as tf.Variable);
          const gradients = variables.map((tensor) => ({
            name: tensor.name,
            tensor: tf.add(tensor, 1),
          }));
          optimizer.applyGradients(gradients);
        });
      };
      const x = image([2, 8, 8, 4]);
      const outputs = () => tf.tidy(() => [...(fast.predict(x) as tf.Tensor).dataSync()]);
      for (let round = 0; round < 3; round++) {
        const before = outputs();
        // The first finds the weights in a plan, the second is in place.
        for (let i = 0; i < 2; i++) step(others, network);
        expect(outputs()).toEqual(before);
        for (let i = 0; i < 2; i++) step(ours, fast);
        expect(outputs()).not.toEqual(before);
        tf.tidy(() => network.setWeights(fast.weights.map((weight) => tf.add(weight.read(), 0))));
        expect(await difference(network, fast)).toBeLessThan(1e-5);
      }
      ours.dispose();
      others.dispose();
      dispose(x, network, fast);
    });

    it('returns tensors that are the caller’s, several of them as the model does', async () => {
      const x = input({ shape: [6, 6, 4] });
      const y = on(conv(8), x);
      const network = model({ inputs: x, outputs: [y, on(relu(), y)] });
      const { model: fast } = fuse(network);
      const given = image([1, 6, 6, 4]);
      const [first, second] = [1, 2].map(() => fast.predict(given) as tf.Tensor[]) as [
        tf.Tensor[],
        tf.Tensor[],
      ];
      const kept = second.map((tensor) => tensor.dataSync());
      const other = image([1, 6, 6, 4], 5);
      dispose(other, fast.predict(other));
      expect(second.map((tensor) => tensor.dataSync())).toEqual(kept);
      expect(first.map((tensor) => tensor.dataSync())).toEqual(kept);
      dispose(given, first, second, network, fast);
    });

    it('leaves it to the layers where they draw random numbers or read values', async () => {
      for (const work of [
        (x: tf.Tensor) => tf.add(x, tf.randomNormal(x.shape)),
        (x: tf.Tensor) => tf.mul(x, x.dataSync()[0]!),
      ]) {
        class Odd extends layers.Layer {
          static readonly className = 'Odd';
          override call(x: tf.Tensor | tf.Tensor[]) {
            return tf.tidy(() => work([x].flat()[0]!));
          }
        }
        tf.serialization.registerClass(Odd);
        const network = networkOf([3], (x) => on(new Odd({}), x));
        const { model: fast } = fuse(network);
        const outputs = await Promise.all(
          [1, 2, 3].map(async (seed) => {
            const x = image([1, 3], seed);
            const y = fast.predict(x) as tf.Tensor;
            const values = String(await y.data());
            tf.dispose([x, y]);
            return values;
          }),
        );
        expect(new Set(outputs).size).toBe(3);
        dispose(network, fast);
      }
    });

    it('survives that another backend takes its weights away', async () => {
      const network = networkOf([8, 8, 8], (x) => on(conv(8), on(conv(8), x)));
      const { model: fast } = fuse(network);
      expect(await difference(network, fast)).toBeLessThan(1e-5);
      await tf.setBackend('cpu');
      expect(await difference(network, fast)).toBeLessThan(1e-5);
      await tf.setBackend('wasm');
      // What was freed is written over.
      const others = Array.from({ length: 8 }, (_, i) => tf.fill([8, (i + 1) * 30], 9));
      for (let i = 0; i < 3; i++) expect(await difference(network, fast)).toBeLessThan(1e-5);
      await tf.setBackend('cpu');
      tf.tidy(() => fast.predict(image([1, 8, 8, 8], 2)) as tf.Tensor).dispose();
      await tf.setBackend('wasm');
      dispose(others, network, fast);
    });

    it('goes on without our kernels, and with them again', async () => {
      const network = networkOf([8, 8, 4], (x) => on(conv(8), x));
      const { model: fast } = fuse(network);
      expect(await difference(network, fast)).toBeLessThan(1e-5);
      registerKernels()();
      expect(await difference(network, fast)).toBeLessThan(1e-5);
      registerKernels();
      expect(await difference(network, fast)).toBeLessThan(1e-5);
      dispose(network, fast);
    });

    it('says what is wrong with its inputs as other models do', () => {
      const network = networkOf([8, 8, 4], (x) => on(conv(8), x));
      const { model: fast } = fuse(network);
      const wrong = image([1, 8, 8, 3]);
      expect(() => fast.predict(wrong)).toThrow(
        'to have shape [null,8,8,4] but got array with shape',
      );
      dispose(wrong, network, fast);
    });
  });
});

function pad(): Layer {
  return layers.zeroPadding2d({
    padding: [
      [1, 2],
      [0, 1],
    ],
  });
}
