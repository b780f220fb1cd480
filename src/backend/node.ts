/** What is used of Node's `process`; this library compiles without Node's types. */
interface Process {
  cwd(): string;
  getBuiltinModule?: {
    (name: 'node:fs'): { promises: { readFile(path: string | URL): Promise<Uint8Array> } };
    (name: 'node:module'): { createRequire(from: string): Require };
    (name: 'node:path'): { dirname(path: string): string; sep: string };
  };
}

interface Require {
  (name: string): unknown;
  resolve(name: string): string;
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
