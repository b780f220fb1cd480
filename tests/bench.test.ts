import { describe, expect, it } from 'vitest';
import { CASES } from '../bench/cases.js';
import { KERNELS } from '../src/kernels/list.js';

/** Kernels that take no time: two that share their input, five that handle empty tensors alone. */
const NO_WORK = ['All', 'Any', 'Cast', 'Identity', 'Max', 'Min', 'Prod'];

describe('npm run bench', () => {
  it('has a case for every kernel that does work', () => {
    const measured = new Set(CASES.map(({ kernelName }) => kernelName));
    const missing = KERNELS.map(({ kernelName }) => kernelName).filter((k) => !measured.has(k));
    expect(missing).toEqual(NO_WORK);
  });
});
