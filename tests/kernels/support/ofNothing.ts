import { engine, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { onOurKernels } from './registered.js';

type Type = 'float32' | 'int32' | 'bool';

/** A reduction that is ours where there is nothing to reduce, with its result for each type. */
export function describeOfNothing(
  { kernelName }: Kernel,
  expected: Partial<Record<Type, number>>,
): void {
  describe(kernelName, () => {
    const { onStock } = onOurKernels();
    const axes = { axis: [0], reductionIndices: [0], keepDims: false };
    const reduced = (x: Tensor) => engine().runKernel(kernelName, { x }, axes) as Tensor;

    /** Of nothing, on a heap whose free blocks hold sevens. */
    const dirty = (dtype: Type) => {
      for (let i = 0; i < 20; i++)
        tensor(new Int32Array(5).fill(0x07070707), [5], 'int32').dispose();
      return [...reduced(tensor([], [0, 5], dtype)).dataSync()];
    };

    for (const [dtype, value] of Object.entries(expected) as [Type, number][]) {
      it(`is ${value} of nothing of type ${dtype}, where stock returns what the memory holds`, () => {
        expect(dirty(dtype)).toEqual(Array(5).fill(value));
        expect(onStock(() => dirty(dtype))).not.toEqual(Array(5).fill(value));
      });

      it(`leaves ${dtype} to stock where there is something`, () => {
        const y = reduced(tensor([1, 1, 0, 1], [2, 2], dtype));
        expect(y.dtype).toBe(dtype);
        expect([...y.dataSync()]).toEqual([
          ...onStock(() => reduced(tensor([1, 1, 0, 1], [2, 2], dtype)).dataSync()),
        ]);
      });
    }

    it('keeps dimensions of size 1 where it is asked to', () => {
      const [dtype] = Object.keys(expected) as [Type];
      const attrs = { axis: [0], reductionIndices: [0], keepDims: true };
      const y = engine().runKernel(kernelName, { x: tensor([], [0, 3], dtype) }, attrs) as Tensor;
      expect(y.shape).toEqual([1, 3]);
    });
  });
}
