import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BasicBlock, Bottleneck, type ResidualArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { type Shape4, tensorOf } from '../support/convolution64.js';
import { dot, finiteDifferences, noise } from '../support/float64.js';
import { blockReference, type Weights } from './reference.js';

type Block = Bottleneck | BasicBlock;

const INPUT: Shape4 = [2, 5, 4, 3];

const bottleneck = (args: Partial<ResidualArgs>) =>
  new Bottleneck({ filters: 4, expansion: 2, ...args });
const basic = (args: Partial<ResidualArgs>) => new BasicBlock({ filters: 4, ...args });

/** Blocks of every kind; one with the strides elsewhere, one with everything else. */
const BLOCKS: Record<string, () => Block> = {
  'a bottleneck': () => bottleneck({}),
  'a bottleneck that strides on its first convolution': () =>
    bottleneck({ strides: 2, strideOn: 'first', bias: 'all' }),
  'a strided basic block': () => basic({ strides: 2 }),
  'a strided bottleneck before normalisation': () =>
    bottleneck({ strides: 2, preActivation: true, bias: 'unnormalized' }),
  'a basic block before normalisation': () => basic({ filters: 3, preActivation: true }),
  'a strided identity': () => basic({ filters: 3, strides: 2, strideOn: 'second' }),
  'a shortcut of pixels and zeros': () => basic({ strides: 2, shortcut: 'pool' }),
  'a shortcut of means': () => bottleneck({ strides: 2, shortcut: 'avgProjection' }),
  'a shortcut of means before normalisation': () =>
    basic({ strides: 2, shortcut: 'avgProjection', preActivation: true }),
  'no shortcut': () => bottleneck({ strides: 2, shortcut: 'none' }),
  'a dilated bottleneck': () => bottleneck({ dilationRate: 2 }),
  'an atrous basic block': () => basic({ strides: 2, atrous: true, shortcut: 'avgProjection' }),
  'squeeze-and-excitation': () => bottleneck({ squeezeExcitation: 2 }),
  'activations that are computed again': () => basic({ strides: 2, recompute: true }),
};

/** Gives a block random weights; returns them by the names inside it. */
function fill(block: Block): Weights {
  tf.tidy(() => {
    block.apply(tf.zeros(INPUT));
  });
  const weights: Weights = {};
  for (const [i, weight] of block.weights.entries()) {
    const name = weight.originalName.split('/').slice(-2).join('/');
    const shape = weight.shape as number[];
    const size = shape.reduce((product, n) => product * n);
    const positive = name.endsWith('gamma') || name.endsWith('variance');
    const values = noise(size, i + 7).map((v) => Math.fround(v / 2 + (positive ? 1 : 0)));
    const tensor = tf.tensor(Float32Array.from(values), shape);
    weight.write(tensor);
    tensor.dispose();
    weights[name] = { values, shape };
  }
  return weights;
}

const x = noise(
  INPUT.reduce((p, n) => p * n),
  1,
);

onEveryBackend((backend) => {
  const gpu = backend === 'webgl' || backend === 'webgpu';
  // Software adapters compile a shader for every shape: some blocks stand for all there.
  const names = Object.keys(BLOCKS).filter((_, i) => !gpu || i % 3 === 1);
  for (const name of names) {
    describe(name, () => {
      it.each([false, true])(
        'computes what loops in float64 do (training: %s)',
        async (training) => {
          const block = BLOCKS[name]!();
          const weights = fill(block);
          const expected = blockReference(
            { values: x, shape: INPUT },
            weights,
            { ...block.options, kernelSizes: block.kernelSizes },
            training,
          );
          const y = tf.tidy(() => block.apply(tensorOf(x, INPUT), { training }) as tf.Tensor);
          await expectClose(y, expected.values, { tolerance: 1e-5, shape: expected.shape });
          expect(block.computeOutputShape([null, 5, 4, 3])).toEqual([
            null,
            ...expected.shape.slice(1),
          ]);
          expect(block.computeOutputShape([null, null, null, 3])[3]).toBe(expected.shape[3]);
          y.dispose();
          block.dispose();
        },
      );

      it('has the gradients of finite differences, by the input and every weight', async () => {
        const block = BLOCKS[name]!();
        const weights = fill(block);
        const options = { ...block.options, kernelSizes: block.kernelSizes };
        const { values, shape } = blockReference(
          { values: x, shape: INPUT },
          weights,
          options,
          true,
        );
        const dy = noise(values.length, 2);
        const loss = (image: Float64Array, changed: Weights) =>
          dot(
            blockReference(
              { values: image, shape: INPUT },
              { ...weights, ...changed },
              options,
              true,
            ).values,
            dy,
          );
        const input = tf.tidy(() => tf.variable(tensorOf(x, INPUT)));
        const variables = block.trainableWeights.map((w) => w.read() as tf.Variable);
        const { value, grads } = tf.variableGrads(() => {
          const y = block.apply(input, { training: true }) as tf.Tensor;
          return tf.sum(tf.mul(y, tensorOf(dy, shape)));
        }, [input, ...variables]);
        const tolerance = 1e-4;
        await expectClose(
          grads[input.name]!,
          finiteDifferences((v) => loss(v, {}), x),
          { tolerance },
        );
        for (const weight of block.trainableWeights) {
          const part = weight.originalName.split('/').slice(-2).join('/');
          const own = weights[part]!;
          const by = (v: Float64Array) => loss(x, { [part]: { ...own, values: v } });
          const expected = finiteDifferences(by, own.values);
          await expectClose(grads[(weight.read() as tf.Variable).name]!, expected, { tolerance });
        }
        tf.dispose([value, input]);
        tf.dispose(grads);
        block.dispose();
      });
    });
  }
});
