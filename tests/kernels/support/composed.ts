import { dispose, engine, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { prepareBackend } from '../../support/environment.js';
import type { Values } from './arena.js';

/** Runs a kernel's composition of stock kernels (or the stock kernel) on the stock WASM backend. */
export async function runComposed(
  kernel: Kernel,
  inputs: Record<string, Values>,
  attrs: object,
): Promise<{ shape: number[]; values: Float32Array }[]> {
  await prepareBackend('wasm');
  await setBackend('wasm');
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, values, dtype }]) => [
      name,
      tensor(Array.from(values), shape, dtype),
    ]),
  );
  const { kernelName, composed } = kernel;
  const result = composed
    ? composed(tensors as never, attrs as never)
    : engine().runKernel(kernelName, tensors, attrs as never);
  const outputs = [result].flat() as Tensor[];
  const all = outputs.map((t) => ({ shape: t.shape, values: t.dataSync<'float32'>() }));
  dispose([tensors, outputs]);
  return all;
}
