import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { noise } from '../support/float64.js';

const rest = { rate: 0.02, momentum: 0.5 };
const STEPS: [kernelName: string, changed: string[], attrs: object][] = [
  [
    'BlocksAdam',
    ['value', 'm', 'v'],
    { ...rest, beta1: 0.9, beta2: 0.99, epsilon: 0.1, correction: 2, keep: 1 },
  ],
  ['BlocksMomentum', ['value'], { ...rest, nesterov: false }],
  ['BlocksMomentum', ['value', 'accumulation'], { ...rest, nesterov: true }],
  ['BlocksRMSProp', ['value', 'square', 'accumulation'], { ...rest, decay: 0.9, epsilon: 0.1 }],
  [
    'BlocksRMSProp',
    ['value', 'square', 'accumulation', 'mean'],
    { ...rest, decay: 0.9, epsilon: 0.1 },
  ],
];

/** Floats of a slice, as in assembly/optimize.ts. */
const CHUNK = 16384;

const values = (tensors: tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);

/** Tensors in [1, 2), of which those of `changed` come first. */
function inputsOf(changed: string[], length: number): Record<string, tf.Tensor> {
  const named = [...changed, 'gradient'].map((name, i) => {
    return [name, tf.tensor1d([...noise(length, i + 1)].map((x) => 1 + Math.abs(x) / 2))];
  });
  return Object.fromEntries(named);
}

for (const threads of [1, 2]) {
  describe(`on ${threads} thread${threads > 1 ? 's' : ''} a step that may change its tensors in place`, () => {
    const start = async () => {
      tf.engine().reset();
      expect((await useBackend({ prefer: 'wasm', threads })).threads).toBe(threads);
    };
    afterAll(() => tf.engine().reset());

    it.each(STEPS)('does: %s of %s', async (kernelName, changed, attrs) => {
      await start();
      const inputs = inputsOf(changed, 1001);
      const targets = changed.map((name) => inputs[name]!);
      const before = values(targets);
      const run = (options: object) => {
        return tf
          .engine()
          .runKernel(kernelName, inputs, options as never) as unknown as tf.Tensor[];
      };
      const outputs = [run({ ...attrs })].flat();
      const expected = values(outputs);
      expect(values(targets)).toEqual(before);
      const { numTensors, numBytes } = tf.memory();
      expect(run({ ...attrs, inPlace: true })).toEqual([]);
      expect(tf.memory()).toMatchObject({ numTensors, numBytes });
      expect(values(targets)).toEqual(expected);
      tf.dispose([inputs, outputs]);
    });

    it.each(STEPS)(
      'leaves what another tensor shares: %s of %s',
      async (kernelName, changed, attrs) => {
        await start();
        for (const shared of changed) {
          const inputs = inputsOf(changed, 5);
          const copy = tf.clone(inputs[shared]!);
          const before = values(Object.values(inputs));
          const outputs = tf
            .engine()
            .runKernel(kernelName, inputs, { ...attrs, inPlace: true } as never);
          expect([outputs].flat().length).toBe(changed.length);
          expect(values(Object.values(inputs))).toEqual(before);
          tf.dispose([inputs, copy, outputs as unknown as tf.Tensor[]]);
        }
      },
    );
  });
}

it.each([
  [1, 3 * CHUNK, true],
  [2, CHUNK, true],
  [2, CHUNK + 1, false],
])('on %d threads a step of %d floats is in place: %s', async (threads, length, expected) => {
  tf.engine().reset();
  expect((await useBackend({ prefer: 'wasm', threads })).threads).toBe(threads);
  const inputs = inputsOf(['value'], length);
  const attrs = { rate: 0.5, momentum: 0, nesterov: false, inPlace: true };
  const outputs = tf.engine().runKernel('BlocksMomentum', inputs, attrs) as unknown as tf.Tensor[];
  // A lost thread's share could not be begun again.
  expect([outputs].flat().length === 0).toBe(expected);
  tf.engine().reset();
});
