import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

type Values = ArrayLike<number>;

/**
 * Expects every element of a tensor to lie within `tolerance · max(1, max |expected|)` of the
 * expected one, NaN only where NaN is expected, and the shape to be equal when one is given.
 */
export async function expectClose(
  actual: Tensor | Values,
  expected: Values,
  { tolerance = 1e-5, shape }: { tolerance?: number; shape?: number[] } = {},
): Promise<void> {
  const values = isTensor(actual) ? await actual.data() : actual;
  if (shape) expect(isTensor(actual) ? actual.shape : undefined).toEqual(shape);
  expect(values.length).toBe(expected.length);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]!));
  }
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [values[i]!, expected[i]!];
    const close = Object.is(a, e) || a === e || Math.abs(a - e) <= tolerance * scale;
    if (!close)
      expect.fail(`element ${i}: got ${a}, expected ${e} (tolerance ${tolerance * scale})`);
  }
}

function isTensor(value: Tensor | Values): value is Tensor {
  return 'dataId' in value;
}
