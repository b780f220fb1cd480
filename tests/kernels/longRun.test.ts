import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerKernels } from '../../src/kernels/registerKernels.js';
import { BatchNorm } from '../../src/norm/index.js';
import { Adam, trainStep } from '../../src/train/index.js';
import { prepareBackend } from '../support/environment.js';

describe('ten thousand training steps', () => {
  let wasm: { HEAP8: Int8Array; _malloc(size: number): number; _free(address: number): void };
  /** What is allocated on the heap. */
  const blocks = new Set<number>();
  let putBack: () => void;
  beforeAll(async () => {
    await prepareBackend('wasm');
    await tf.setBackend('wasm');
    ({ wasm } = tf.backend() as unknown as { wasm: typeof wasm });
    const { _malloc, _free } = wasm;
    wasm._malloc = (size) => {
      const address = _malloc(size);
      blocks.add(address);
      return address;
    };
    wasm._free = (address) => {
      blocks.delete(address);
      _free(address);
    };
    putBack = registerKernels();
  });
  afterAll(() => putBack());

  it('leave the tensors and the heap as they were after the first hundred', async () => {
    const model = sequential({
      layers: [
        layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, padding: 'same' }),
        new BatchNorm({ activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'tanh' }),
        layers.flatten(),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    const [x, y] = [
      tf.randomUniform([4, 8, 8, 1]),
      tf.oneHot(tf.tensor1d([0, 1, 2, 0], 'int32'), 3),
    ];
    const optimizer = new Adam({ learningRate: 1e-3 });
    const run = async (steps: number) => {
      for (let step = 0; step < steps; step++) {
        await trainStep(
          optimizer,
          () =>
            tf.losses.softmaxCrossEntropy(
              y,
              model.apply(x, { training: true }) as tf.Tensor,
            ) as tf.Scalar,
        );
      }
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      return { numTensors, numDataBuffers, numBytes, blocks: blocks.size, heap: wasm.HEAP8.length };
    };
    const early = await run(100);
    expect(await run(9900)).toEqual(early);
    optimizer.dispose();
    model.dispose();
    tf.dispose([x, y]);
  });
});
