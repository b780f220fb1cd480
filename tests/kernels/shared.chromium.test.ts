import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2DBackpropFilter } from '../../src/kernels/convolution/conv2DBackpropFilter.js';
import { conv2DBackpropInput } from '../../src/kernels/convolution/conv2DBackpropInput.js';
import { kernelMode, registerKernels } from '../../src/kernels/registerKernels.js';
import { engineHasFma, setFma } from '../../src/kernels/runtime/fma.js';
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { conv2DBackpropFilter as filterReference } from './reference/conv2DBackpropFilter.js';
import { conv2DBackpropInput as inputReference } from './reference/conv2DBackpropInput.js';
import { runOnArena } from './support/arena.js';
import { convCases } from './support/convCases.js';

const tensor = (shape: number[], seed: number) => ({
  shape,
  values: noise(
    shape.reduce((a, b) => a * b),
    seed,
  ),
});

/** Winograd's, which some of the cases run by. */
const tolerance = 8e-6;

it('the engine has fused multiply-add', () => {
  expect(engineHasFma()).toBe(true);
});

describe.each([true, false])('kernels on a shared memory, fused multiply-add: %s', (fma) => {
  beforeAll(() => setFma(fma));
  afterAll(() => setFma(true));

  it('agree with float64 loops, read and write nothing outside of their tensors', async () => {
    for (const c of convCases().filter((_, i) => i % 7 === 0)) {
      const filterShape = [...c.kernel, c.inChannels, c.outChannels];
      const inputShape = [c.batch, c.height, c.width, c.inChannels];
      const [x, filter] = [tensor(inputShape, 1), tensor(filterShape, 2)];
      const dy = tensor([c.batch, ...c.out, c.outChannels], 3);
      const shared = true;
      const attrs = { ...c.attrs, filterShape, inputShape };
      const [dw] = runOnArena(conv2DBackpropFilter, { x, dy }, attrs, 'x', { shared });
      await expectClose(dw!.values, filterReference(x.values, dy.values, c), { tolerance });
      const [dx] = runOnArena(conv2DBackpropInput, { dy, filter }, attrs, 'dy', { shared });
      await expectClose(dx!.values, inputReference(dy.values, filter.values, c), { tolerance });
    }
  });
});

onBackends(['wasm'], () => {
  let restore: () => void;
  beforeAll(() => {
    restore = registerKernels();
  });
  afterAll(() => restore());

  it('train a convolution on the threaded build', async () => {
    expect(kernelMode()).toBe('simd');
    const [x, w] = [tf.tensor4d([0, 1, 2, 3], [1, 2, 2, 1]), tf.ones([1, 1, 1, 1])];
    const gradient = tf.grad((f) => tf.conv2d(x, f as tf.Tensor4D, 1, 'same'))(w);
    await expectClose(gradient, [6]);
    tf.dispose([x, w, gradient]);
  });
});
