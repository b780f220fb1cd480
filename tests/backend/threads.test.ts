import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { backend, engine, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { forgetBackends } from '../support/backends.js';

const binaries = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const SIMD = 'tfjs-backend-wasm-simd.wasm';

afterEach(forgetBackends);

const bufferOf = () => {
  const { wasm } = backend() as unknown as {
    wasm: { wasmMemory?: WebAssembly.Memory; asm: { memory?: WebAssembly.Memory } };
  };
  return (wasm.wasmMemory ?? wasm.asm.memory)!.buffer;
};

describe('useBackend in Node', () => {
  it('starts as many threads as asked for, on a shared memory', async () => {
    const { name, threads, whyOneThread } = await useBackend({ threads: 3 });
    expect([name, threads, whyOneThread]).toEqual(['wasm', 3, undefined]);
    expect(bufferOf()).toBeInstanceOf(SharedArrayBuffer);
  });

  it('starts without shared memory for one thread', async () => {
    const { threads, whyOneThread } = await useBackend({ threads: 1 });
    expect([threads, whyOneThread]).toEqual([1, undefined]);
    expect(bufferOf()).toBeInstanceOf(ArrayBuffer);
  });

  it('touches no global, and listens to nothing of the process', async () => {
    const listeners = () => process.eventNames().map((name) => process.listenerCount(name));
    const before = [Object.getOwnPropertyNames(globalThis), listeners()];
    const { Blob, Worker, URL } = globalThis;
    await useBackend({ threads: 2 });
    expect([Object.getOwnPropertyNames(globalThis), listeners()]).toEqual(before);
    expect(globalThis).toMatchObject({ Blob, URL });
    expect(globalThis.Worker).toBe(Worker);
  });

  it('goes on with one thread where the threaded build is missing, and says why', async () => {
    const { name, threads, whyOneThread } = await useBackend({
      threads: 2,
      wasmPaths: { [SIMD]: `${binaries}/${SIMD}` },
    });
    expect([name, threads]).toEqual(['wasm', 1]);
    expect(whyOneThread).toBe(
      "wasmPaths has no 'tfjs-backend-wasm-threaded-simd.wasm', which is needed here",
    );
  });

  it('keeps a backend that runs, and says why that has one thread', async () => {
    await useBackend({ threads: 1 });
    expect(await useBackend({ threads: 2 })).toMatchObject({
      threads: 1,
      whyOneThread: 'one thread was asked for when the backend started',
    });
  });

  it('changes the number of threads of a backend that runs', async () => {
    for (const threads of [2, 4, 1, 2]) {
      expect(await useBackend({ threads })).toMatchObject({ name: 'wasm', threads });
    }
  });

  it.each(['ENGINE.reset', 'removeBackend'])('starts threads again after %s', async (how) => {
    await useBackend({ threads: 2 });
    const before = bufferOf();
    if (how === 'ENGINE.reset') engine().reset();
    else forgetBackends();
    expect(await setBackend('wasm')).toBe(true);
    expect(bufferOf()).toBeInstanceOf(SharedArrayBuffer);
    expect(bufferOf()).not.toBe(before);
    expect((await useBackend({ threads: 2 })).threads).toBe(2);
    removeBackendAndForget();
  });
});

function removeBackendAndForget(): void {
  const { factory, priority } = engine().registryFactory.wasm!;
  removeBackend('wasm');
  engine().registerBackend('wasm', factory, priority);
}

describe('a process with threads', () => {
  const script = fileURLToPath(new URL('../support/threadsProcess.ts', import.meta.url));
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...args], {
      timeout: 60_000,
    });

  it.each(['idle', 'busy', 'removed', 'reset', 'registerKernels'])(
    'ends by itself: %s',
    async (state) => {
      const { stdout, stderr } = await run(state);
      expect([JSON.parse(stdout), stderr]).toEqual([{ threads: 2, sum: 6 }, '']);
    },
  );
});
