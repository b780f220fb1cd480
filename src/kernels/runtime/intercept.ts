import type { DataId, DataType, TensorInfo } from '@tensorflow/tfjs-core';

/** What can be told of a backend. */
interface Backend {
  makeOutput(shape: number[], dtype: DataType, address?: number): TensorInfo;
  read(dataId: DataId): Promise<unknown>;
  readSync(dataId: DataId): unknown;
}

/** What is told of a backend's calls. */
export interface Hooks {
  /** The tensor to be taken as the next output, in place of a new one. */
  output?(): TensorInfo | undefined;
  /** A new output. */
  made?(info: TensorInfo): void;
  /** Values are read out of the memory. */
  read?(): void;
  /** The kernel that is running starts again. */
  again?(): void;
}

/** Runs `work`, and tells `hooks` what the backend is asked for meanwhile. */
export function intercept<T>(backend: Backend, hooks: Hooks, work: () => T): T {
  const { makeOutput, read, readSync } = backend;
  backend.makeOutput = (...args) => {
    const given = hooks.output?.();
    if (given) return given;
    const info = makeOutput.apply(backend, args);
    hooks.made?.(info);
    return info;
  };
  backend.read = (...args) => {
    hooks.read?.();
    return read.apply(backend, args);
  };
  backend.readSync = (...args) => {
    hooks.read?.();
    return readSync.apply(backend, args);
  };
  try {
    return work();
  } finally {
    Object.assign(backend, { makeOutput, read, readSync });
  }
}
