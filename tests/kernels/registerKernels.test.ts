import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { GRADIENTS } from '../../src/kernels/gradients/list.js';
import { KERNELS } from '../../src/kernels/list.js';
import { kernelMode, registerKernels } from '../../src/kernels/registerKernels.js';
import { expectClose } from '../support/close.js';
import { prepareBackend } from '../support/environment.js';

/** The gradient of Σ conv(x) · y by the filter, for x = 0 … 3 of one channel and a 1×1 filter. */
function trains(): number {
  return tf.tidy(() => {
    const x = tf.tensor4d([0, 1, 2, 3], [1, 2, 2, 1]);
    const loss = (w: tf.Tensor) => tf.sum(tf.conv2d(x, w as tf.Tensor4D, 1, 'same'));
    return tf
      .grad(loss)(tf.ones([1, 1, 1, 1]))
      .dataSync()[0]!;
  });
}

const registered = () => [
  ...KERNELS.map(({ kernelName }) => tf.getKernel(kernelName, 'wasm')),
  ...GRADIENTS.map(({ kernelName }) => tf.getGradient(kernelName)),
];

describe('registerKernels', () => {
  let stock: ReturnType<typeof registered>;

  beforeAll(async () => {
    await prepareBackend('wasm');
    stock = registered();
  });
  beforeEach(() => {
    vi.spyOn(console, 'warn');
  });
  afterEach(() => {
    registerKernels()();
    expect(vi.mocked(console.warn).mock.calls).toEqual([]);
    vi.restoreAllMocks();
    tf.engine().reset();
  });

  it('makes a convolution train when called before the backend starts', async () => {
    registerKernels();
    await tf.setBackend('wasm');
    expect(trains()).toBe(6);
    expect(kernelMode()).toBe('simd');
  });

  it('makes a convolution train when called after the backend has started', async () => {
    await tf.setBackend('wasm');
    expect(trains).toThrow("Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'");
    expect(kernelMode()).toBe('stock');
    registerKernels();
    expect(trains()).toBe(6);
    expect(kernelMode()).toBe('simd');
  });

  it('refuses options that are not what they should be', () => {
    expect(() => registerKernels({ winograd: 1 as unknown as boolean })).toThrow(
      'registerKernels: winograd must be true or false, got 1',
    );
    expect(() => registerKernels({ fma: 'no' as unknown as boolean })).toThrow(
      "registerKernels: fma must be true or false, got 'no'",
    );
    expect(() => registerKernels({ threads: -2 })).toThrow(
      'registerKernels: threads must be an integer from 1 to 64, got -2',
    );
    expect(() => registerKernels({ workerUrl: null as unknown as string })).toThrow(
      'registerKernels: workerUrl must be a URL, got null',
    );
  });

  it('may be called again', async () => {
    const restore = registerKernels();
    const ours = registered();
    expect(registerKernels()).toBe(restore);
    expect(registered()).toEqual(ours);
  });

  it('returns a function that puts the stock kernels back, itself harmless when called again', async () => {
    const restore = registerKernels();
    await tf.setBackend('wasm');
    const { wasm } = tf.backend() as unknown as { wasm: { _malloc: unknown } };
    const guarded = wasm._malloc;
    expect(registered()).not.toEqual(stock);
    restore();
    restore();
    expect(registered().every((config, i) => config === stock[i])).toBe(true);
    expect(wasm._malloc).not.toBe(guarded);
    expect(trains).toThrow('not registered');
  });

  it('follows the backend through a reset and through its removal', async () => {
    registerKernels();
    await tf.setBackend('wasm');
    expect(trains()).toBe(6);
    const first = tf.backend();
    tf.engine().reset();
    await tf.setBackend('wasm');
    expect(tf.backend()).not.toBe(first);
    expect(trains()).toBe(6);

    const factory = tf.findBackendFactory('wasm');
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory);
    await tf.setBackend('wasm');
    expect(trains()).toBe(6);
  });

  it('composes the missing kernels of stock ones where the memory is out of reach', async () => {
    registerKernels();
    const factory = tf.findBackendFactory('wasm');
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', async () => {
      const backend = await factory();
      const { wasm } = backend as unknown as { wasm: { asm: Record<string, unknown> } };
      wasm.asm = { ...wasm.asm, memory: undefined };
      return backend;
    });
    await tf.setBackend('wasm');
    expect(kernelMode()).toBe('composed');
    expect(tf.getKernelsForBackend('wasm').some((k) => k.kernelName.startsWith('Blocks'))).toBe(
      false,
    );
    const before = tf.memory().numTensors;
    expect(trains()).toBe(6);
    expect(tf.memory().numTensors).toBe(before);
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory);
  });

  it('leaves other backends alone', async () => {
    await prepareBackend('cpu');
    const before = tf.getKernelsForBackend('cpu');
    registerKernels();
    expect(tf.getKernelsForBackend('cpu').every((config, i) => config === before[i])).toBe(true);
  });

  it('lets a stock convolutional model train with model.fit, and leaks nothing', async () => {
    registerKernels();
    await tf.setBackend('wasm');
    const model = sequential({
      layers: [
        layers.conv2d({
          ...{ inputShape: [7, 7, 1], filters: 5, kernelSize: 3, strides: 2, padding: 'same' },
          ...{ activation: 'relu', kernelInitializer: 'ones' },
        }),
        layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, padding: 'same' }),
      ],
    });
    model.compile({ optimizer: tf.train.adam(0.01, 0.9, 0.999, 1e-7), loss: 'meanSquaredError' });
    const x = tf.ones([8, 7, 7, 1]);
    const y = tf.ones([8, 8, 8, 1]);
    const first = await model.fit(x, y, { epochs: 1, verbose: 0 });
    const before = tf.memory().numTensors;
    const then = await model.fit(x, y, { epochs: 30, verbose: 0 });
    expect(tf.memory().numTensors).toBe(before);
    expect(then.history.loss!.at(-1)).toBeLessThan(0.1 * (first.history.loss![0] as number));
  });

  it('computes on addresses beyond 2 GiB', async () => {
    registerKernels();
    await tf.setBackend('wasm');
    const backend = tf.backend() as unknown as {
      makeOutput(shape: number[], dtype: string): tf.TensorInfo;
    };
    // Not written to, so that the pages are never really used.
    const hold = [1, 2, 3].map(() => backend.makeOutput([2 ** 28], 'float32'));
    expect(trains()).toBe(6);
    await expectClose(tf.range(0, 3), [0, 1, 2]);
    for (const { dataId } of hold) tf.backend().disposeData(dataId);
  });
});
