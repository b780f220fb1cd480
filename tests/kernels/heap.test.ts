import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/kernels/kernel.js';
import type { Heap } from '../../src/kernels/runtime/heap.js';
import { noise } from '../support/float64.js';
import { runOnArena } from './support/arena.js';

/** A kernel that runs `body` and copies its input. */
const probe = (body: (heap: Heap) => void): Kernel =>
  ({
    kernelName: 'Probe',
    run: (heap: Heap) => {
      body(heap);
      return heap.output([1]).info;
    },
  }) as Kernel;
const input = { x: { shape: [3], values: noise(3) } };

describe('Heap', () => {
  it('lends scratch blocks on cache lines, as many as asked for', () => {
    const kernel = probe((heap) => {
      heap.scratch([1, 100, 0, 64], (addresses) => {
        expect(addresses.map((a) => a % 64)).toEqual([0, 0, 0, 0]);
        expect(addresses.map((a) => a - addresses[0]!)).toEqual([0, 64, 192, 192]);
      });
    });
    runOnArena(kernel, input, {});
  });

  it('frees scratch when the work throws', () => {
    const kernel = probe((heap) => {
      expect(() =>
        heap.scratch([8], () => {
          throw new Error('inside');
        }),
      ).toThrow('inside');
    });
    runOnArena(kernel, input, {});
  });

  it('refuses a wrong number of arguments, which WebAssembly would fill with zeros', () => {
    const kernel = probe((heap) => heap.run('zero_f32', 1, [8]));
    expect(() => runOnArena(kernel, input, {})).toThrow('zero_f32 takes 2 arguments, got 1');
  });

  it('works on a shared memory', () => {
    const kernel = probe((heap) => {
      heap.scratch([8], ([address]) => heap.run('zero_f32', 1, [address!, 2]));
    });
    expect(runOnArena(kernel, input, {}, 'x', { shared: true })[0]!.shape).toEqual([1]);
  });
});

describe('running out of memory', () => {
  it.each([1, 2])(
    'is a clear error, leaves every tensor intact and none behind, and training goes on after a dispose (threads: %d)',
    (threads) => {
      const script = fileURLToPath(new URL('support/exhaust.ts', import.meta.url));
      const output = execFileSync(process.execPath, ['--import', 'tsx', script, `${threads}`], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const { errors, losses, ...rest } = JSON.parse(output);
      expect(rest).toEqual({ threads, intact: true, leaked: 0 });
      for (const message of errors) {
        expect(message).toMatch(
          /^WASM backend: out of memory, [\d.]+ MiB could not be allocated\./,
        );
      }
      expect(errors.length).toBe(3);
      expect(losses[1]).toBeLessThan(losses[0]);
    },
    120_000,
  );
});
