/** What is used of Node's modules; this library compiles without Node's types. */
interface Builtins {
  'node:fs': {
    promises: { readFile(path: string | URL): Promise<Uint8Array> };
    readFileSync(path: string, encoding: 'utf8'): string;
  };
  'node:module': { createRequire(from: string): Require };
  'node:os': { availableParallelism(): number };
  'node:path': { dirname(path: string): string; sep: string };
  'node:vm': {
    compileFunction(code: string, names: string[], options?: object): (...args: unknown[]) => never;
  };
  'node:worker_threads': { Worker: new (source: string, options: object) => NodeWorker };
}

/** A thread of Node. */
export interface NodeWorker {
  on(event: 'message', listener: (data: never) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  postMessage(message: unknown): void;
  terminate(): Promise<unknown>;
  unref(): void;
}

interface Require {
  (name: string): unknown;
  resolve(name: string): string;
}

interface Process {
  cwd(): string;
  getBuiltinModule?: <Name extends keyof Builtins>(name: Name) => Builtins[Name];
}

const { process } = globalThis as { process?: Process };

/**
 * Node's own modules; undefined elsewhere. By this function, since an `import` of them, even a dynamic
 * one, breaks browser bundles.
 */
export const node = process?.getBuiltinModule;

/** What `use` makes of a `require` that finds an installed package; undefined where none does. */
export function fromInstalled<T>(use: (require: Require) => T): T | undefined {
  if (!process || !node) return undefined;
  const { createRequire } = node('node:module');
  // A bundled program may lie elsewhere than the packages: then the working folder is asked.
  for (const from of [import.meta.url, process.cwd() + node('node:path').sep]) {
    try {
      return use(createRequire(from));
    } catch (error) {
      if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}
