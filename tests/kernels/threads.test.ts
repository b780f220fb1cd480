import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backend/index.js';
import { KERNELS } from '../../src/kernels/list.js';
import { sharing } from '../../src/kernels/runtime/functions.js';
import { patience } from '../../src/kernels/runtime/ThreadPool.js';
import { Adam, trainStep } from '../../src/train/index.js';
import { noise } from '../support/float64.js';
import { bitsOf, digest, holdUnit, runningThreads } from './support/threads.js';
import { WORK } from './support/work.js';

const usual = sharing.threshold;
beforeAll(() => {
  // All that can be shared is.
  sharing.threshold = 0;
});
afterAll(() => {
  sharing.threshold = usual;
  tf.engine().reset();
});

/** A new backend with so many threads. */
async function start(threads: number): Promise<void> {
  tf.engine().reset();
  expect((await useBackend({ prefer: 'wasm', threads })).threads).toBe(threads);
}

describe('every kernel', () => {
  const results: Record<string, string[][][]> = {};
  const runAll = (times: number) =>
    WORK.map((work) => Array.from({ length: times }, () => bitsOf(work)));

  beforeAll(async () => {
    // The first calls of each function go slice by slice, later ones have several slices a call.
    await start(1);
    results['unshared memory, 1 thread'] = runAll(25);
    await start(2);
    results['2 threads'] = runAll(25);
    await runningThreads().useThreads(4);
    results['4 threads'] = runAll(5);
    await runningThreads().useThreads(1);
    results['1 thread'] = runAll(2);
  }, 180_000);

  it('is among what is run here', () => {
    const names = new Set(WORK.map(({ kernelName }) => kernelName));
    expect([...names].sort()).toEqual(KERNELS.map(({ kernelName }) => kernelName).sort());
  });

  it.each(WORK.map(({ kernelName, what }, i) => [`${kernelName} ${what}`.trim(), i] as const))(
    '%s gives the same bits on 1, 2 and 4 threads, in every run',
    (_, i) => {
      const [first] = results['unshared memory, 1 thread']![i]!;
      expect(first!.length).toBeGreaterThan(0);
      for (const [name, runs] of Object.entries(results)) {
        for (const bits of runs[i]!) expect(bits, name).toEqual(first);
      }
    },
  );
});

/** The weights after a few steps of training. */
async function trained(): Promise<string[]> {
  const filled = (w: tf.Tensor, i: number) => {
    const values = Float32Array.from(noise(w.size, i + 1), (v) => v / 5);
    return tf.tensor(values, w.shape as [number]);
  };
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [12, 12, 3], filters: 16, kernelSize: 3, padding: 'same' }),
      layers.batchNormalization({}),
      layers.activation({ activation: 'relu' }),
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 5 }),
    ],
  });
  tf.tidy(() => model.setWeights(model.getWeights().map(filled)));
  const x = tf.tensor4d([...noise(8 * 12 * 12 * 3, 20)], [8, 12, 12, 3]);
  const optimizer = new Adam({ learningRate: 0.01 });
  const loss = () =>
    tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar;
  for (let i = 0; i < 4; i++) await trainStep(optimizer, loss);
  const bits = model.getWeights().map(digest);
  optimizer.dispose();
  model.dispose();
  x.dispose();
  return bits;
}

it('training gives the same weights, to the last bit, on 1, 2 and 4 threads', async () => {
  await start(1);
  const alone = await trained();
  for (const threads of [2, 4]) {
    await start(threads);
    expect(await trained()).toEqual(alone);
  }
});

describe('threads', () => {
  const gradients = WORK.filter(({ kernelName }) => kernelName === 'Conv2DBackpropFilter');
  const byWinograd = gradients[0]!;
  let expected: string[][];
  let tensors: number;

  beforeAll(async () => {
    await start(1);
    expected = gradients.map(bitsOf);
  });
  beforeEach(async () => {
    await start(3);
    tensors = tf.memory().numTensors;
    vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    expect(tf.memory().numTensors, 'leaked tensors').toBe(tensors);
    vi.restoreAllMocks();
    patience.limit = 10_000;
    sharing.threshold = 0;
  });

  const warnings = () => vi.mocked(console.warn).mock.calls.map(([message]) => message);

  it('share a job with the main thread, and leave it a small one', () => {
    const { pool } = runningThreads().functions;
    const run = vi.spyOn(pool!, 'run');
    bitsOf(byWinograd);
    expect(run).toHaveBeenCalled();
    sharing.threshold = Number.POSITIVE_INFINITY;
    run.mockClear();
    expect(bitsOf(byWinograd)).toEqual(expected[0]);
    expect(run).not.toHaveBeenCalled();
  });

  it('are left alone by calls that are known to be short, whatever others of the same function take', () => {
    const heap = runningThreads();
    let passes = 0;
    // What three threads take together.
    const run = vi.spyOn(heap.functions.pool!, 'run').mockImplementation(() => 3 * passes);
    const address = heap.allocate(1024);
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += passes;
      return now;
    });
    sharing.threshold = usual;
    const shared = (count: number, milliseconds: number) => {
      passes = milliseconds;
      run.mockClear();
      heap.run('zero_f32', 2, [address, count]);
      return run.mock.calls.length > 0;
    };
    // Nothing is known of the first call of a shape.
    expect([shared(8, 0.003), shared(128, 0.1)]).toEqual([true, true]);
    for (let i = 0; i < 3; i++) {
      expect([shared(8, 0.003), shared(128, 0.1)]).toEqual([false, true]);
    }
    heap.free(address);
  });

  it('are left alone by calls that were only long because of waiting for them', async () => {
    const heap = runningThreads();
    const pool = heap.functions.pool!;
    // So that the main thread takes all units.
    for (const thread of pool.threads) await thread.terminate();
    const address = heap.allocate(1024);
    const { claim, awaitUnits } = pool.jobs;
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    pool.jobs = {
      ...pool.jobs,
      claim: (...args) => {
        now += 0.0005;
        return claim(...args);
      },
      awaitUnits: (...args) => {
        now += 1;
        return awaitUnits(...args);
      },
    };
    const run = vi.spyOn(pool, 'run');
    sharing.threshold = usual;
    for (let i = 0; i < 3; i++) heap.run('zero_f32', 24, [address, 256]);
    expect(run).toHaveBeenCalledTimes(1);
    heap.free(address);
  });

  it('that died while idle are done without', async () => {
    const { pool } = runningThreads().functions;
    for (const thread of pool!.threads) await thread.terminate();
    expect(gradients.map(bitsOf)).toEqual(expected);
    expect(warnings()).toEqual([]);
  });

  it('that are stuck are given up with a warning, and every result is right', () => {
    // A unit in the hands of a thread that never finishes it, in the middle of a kernel that adds up
    // several calls, and so would be wrong if a slice ran twice.
    holdUnit(4);
    patience.limit = 100;
    for (let i = 0; i < 200 && runningThreads().threads > 1; i++) {
      expect(gradients.map(bitsOf)).toEqual(expected);
    }
    expect(warnings()).toEqual([
      'tfjs-blocks: the WASM threads are given up, one has not finished its work within 100 ms. ' +
        'The work goes on with one thread; its results are right.',
    ]);
    expect(runningThreads().threads).toBe(1);
  });

  it('that fail in a job are given up with a warning, and the result is right', () => {
    const { pool } = runningThreads().functions;
    const { publish, claim } = pool!.jobs;
    let others = false;
    pool!.jobs = {
      ...pool!.jobs,
      publish: (control, units) => {
        // Not the index of a function: a thread that takes a unit throws. This one takes none.
        pool!.words[48] = 0xffff;
        others = true;
        return publish(control!, units!);
      },
      claim: (...args) => (others ? -1 : claim(...args)),
    };
    expect(bitsOf(byWinograd)).toEqual(expected[0]);
    expect(warnings()).toEqual([
      'tfjs-blocks: the WASM threads are given up, one has failed. ' +
        'The work goes on with one thread; its results are right.',
    ]);
  });

  it('go on when the memory grows', () => {
    const { memory } = runningThreads();
    const before = memory.buffer.byteLength;
    const large = tf.zeros([before / 4]);
    expect(memory.buffer.byteLength).toBeGreaterThan(before);
    expect(gradients.map(bitsOf)).toEqual(expected);
    // Here the kernels work on what has been added.
    const more = Array.from({ length: 3 }, () => gradients.map(bitsOf));
    expect(more).toEqual([expected, expected, expected]);
    large.dispose();
    expect(warnings()).toEqual([]);
  });

  it('end with the backend, and start anew with the next one', async () => {
    const { functions, memory } = runningThreads();
    const { pool } = functions;
    const terminate = pool!.threads.map((thread) => vi.spyOn(thread, 'terminate'));
    tf.engine().reset();
    tensors = tf.engine().state.numTensors;
    for (const spy of terminate) expect(spy).toHaveBeenCalledOnce();
    await tf.setBackend('wasm');
    expect(runningThreads().threads).toBe(3);
    expect(runningThreads().memory).not.toBe(memory);
    expect(gradients.map(bitsOf)).toEqual(expected);
  });
});
