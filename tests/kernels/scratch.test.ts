import { beforeEach, describe, expect, it } from 'vitest';
import { Arena } from '../../src/kernels/runtime/Arena.js';
import { Scratch } from '../../src/kernels/runtime/Scratch.js';

const MiB = 2 ** 20;

describe('Scratch', () => {
  let live: Map<number, number>;
  let scratch: Scratch;

  beforeEach(() => {
    live = new Map();
    let top = 64;
    const allocate = (bytes: number) => {
      const address = top;
      live.set(address, bytes);
      top += bytes;
      return address;
    };
    scratch = new Scratch(allocate, (address) => live.delete(address));
  });

  const lent = (bytes: number[]) => scratch.use(bytes, (addresses) => addresses);

  it('lends the same memory to one call after another, and other memory to a call within', () => {
    const [first] = lent([8, 100]);
    expect(lent([64])).toEqual([first]);
    scratch.use([100], ([outer]) => expect(lent([8])).toEqual([outer! + 128]));
    expect(live.size).toBe(1);
  });

  it('keeps one block, of 4 MiB, and frees what it lent beyond, also when the work throws', () => {
    const [kept] = lent([4 * MiB]);
    const large = () =>
      scratch.use([4 * MiB + 1], ([address]) => {
        expect(address).not.toBe(kept);
        expect(live.size).toBe(2);
        throw new Error('inside');
      });
    expect(large).toThrow('inside');
    expect([...live]).toEqual([[kept, 4 * MiB]]);
    expect(lent([1])).toEqual([kept]);
  });

  it('lends from an arena while there is one', () => {
    const arena = new Arena(4096, 128);
    expect(scratch.from(arena, () => lent([128]))).toEqual([4096]);
    expect(live.size).toBe(0);
  });

  it('gives its block up on release, and takes another when it is needed', () => {
    const [kept] = lent([8]);
    scratch.release();
    expect(live.size).toBe(0);
    expect(lent([8])).not.toEqual([kept]);
  });
});
