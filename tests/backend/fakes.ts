import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  copyRegisteredKernels,
  engine,
  getKernel,
  getKernelsForBackend,
  type KernelBackend,
  registerBackend,
  registerKernel,
  removeBackend,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';

export type FakeName = 'webgl' | 'webgpu';

/** Registers a backend under a name that has none in Node; what it made is gone with `removeFakes`. */
export function fake(name: FakeName, factory: () => KernelBackend | Promise<KernelBackend>): void {
  registerBackend(name, factory);
  copyRegisteredKernels('cpu', name);
}

/** A backend that computes, and knows whether it was disposed of. */
export class FakeBackend extends MathBackendCPU {
  disposed = false;

  constructor() {
    super();
    // No greeting that advertises tfjs-node.
    Object.assign(this, { firstUse: false });
  }

  override dispose(): void {
    this.disposed = true;
  }
}

/** A backend whose results never come, like WebGL's once its context is lost. */
export class SilentBackend extends FakeBackend {
  override read(): Promise<never> {
    return new Promise(() => {});
  }
}

/** Makes one kernel of a fake add 1 to its first element. */
export function spoil(name: FakeName, kernelName: string): void {
  const stock = getKernel(kernelName, name);
  unregisterKernel(kernelName, name);
  registerKernel({
    ...stock,
    kernelFunc: (call) => {
      const output = stock.kernelFunc(call) as TensorInfo;
      const { values } = (call.backend as MathBackendCPU).data.get(output.dataId);
      (values as Float32Array)[0]! += 1;
      return output;
    },
  });
}

export function removeFakes(): void {
  for (const name of ['webgl', 'webgpu']) {
    if (engine().findBackendFactory(name)) removeBackend(name);
    for (const { kernelName } of getKernelsForBackend(name)) unregisterKernel(kernelName, name);
  }
}
