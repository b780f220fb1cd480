import {
  dispose,
  engine,
  getKernel,
  type Tensor,
  type TensorContainer,
  tidy,
} from '@tensorflow/tfjs-core';
import { KERNELS } from '../src/kernels/list.js';
import type { Case } from './case.js';
import { CASES } from './cases.js';
import type { Limits } from './limits.js';
import { median, timed, warm } from './measure.js';
import { withOurs } from './peers.js';

export interface KernelResult {
  kernel: string;
  shape: string;
  /** Milliseconds a call. */
  ours: number;
  /** Stock's kernel over ours, where there is one. */
  stock?: number;
  /** A composition of stock kernels over ours, where that is what one would write. */
  composed?: number;
  /** Of the machine's limit in the same rounds: arithmetic or a copy of the same bytes. */
  share: number;
  goal: number;
  /** Why it is short of the goal, where that is known. */
  why?: string | undefined;
  /** The largest difference from the peer, relative to the largest value. */
  difference?: number;
}

/** Every case beside its peers and the machine's limit, in one run. */
export function kernels(limit: Limits, rounds: number, only: RegExp): KernelResult[] {
  return CASES.filter(({ kernelName, shape }) => only.test(`${kernelName} ${shape}`)).map((c) =>
    measure(c, limit, rounds),
  );
}

function measure(c: Case, limit: Limits, rounds: number): KernelResult {
  const inputs = c.inputs();
  const limitNow = () => (c.flops ? limit.product() : limit.copy(c.bytes!));
  const run = () => engine().runKernel(c.kernelName, inputs, c.attrs);
  const composed = KERNELS.find(({ kernelName }) => kernelName === c.kernelName)?.composed;
  const peers = {
    ...(getKernel(c.kernelName, 'wasm') && { stock: run }),
    ...(composed && { composed: () => composed(inputs as never, c.attrs as never) }),
  };
  const shares: number[] = [];
  const times: Record<string, number[]> = { ours: [], stock: [], composed: [] };
  const inProgram = (work: () => TensorContainer) => {
    warm(() => dispose(work()), 20);
    return timed(() => dispose(work()));
  };
  withOurs(() => warm(() => dispose(run()), 100));
  for (const peer of Object.values(peers)) warm(() => dispose(peer()), 100);
  for (let round = 0; round < rounds; round++) {
    const before = limitNow();
    const time = withOurs(() => inProgram(run));
    // What else the machine does changes from round to round.
    shares.push((2 * (c.flops ?? c.bytes!)) / time / (before + limitNow()));
    times.ours!.push(time);
    for (const [name, peer] of Object.entries(peers)) {
      times[name]!.push(inProgram(peer));
    }
  }
  const time = median(times.ours!);
  const ratio = (name: string) =>
    times[name]!.length > 0 ? median(times[name]!) / time : undefined;
  const peer = Object.values(peers)[0];
  const result = {
    ...{ kernel: c.kernelName, shape: c.shape, ours: time, stock: ratio('stock') },
    ...{ composed: ratio('composed'), share: median(shares), goal: c.goal },
    why: c.why,
    difference:
      peer &&
      difference(
        withOurs(() => values(run)),
        values(peer),
      ),
  };
  dispose(inputs);
  return result;
}

function values(run: () => unknown): Float32Array {
  return tidy(() => ([run()].flat()[0] as Tensor).dataSync<'float32'>());
}

function difference(a: Float32Array, b: Float32Array): number {
  let [largest, scale] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return largest / scale;
}
