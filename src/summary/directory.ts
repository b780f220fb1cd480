import { eventFileName } from './name.js';
import type { EventSink } from './sink.js';

// What is used of node:fs and node:os. They are asked of the process, not imported: a bundler for
// browsers would stumble over the import.
interface Files {
  mkdirSync(path: string, options: { recursive: true }): void;
  openSync(path: string, flags: string): number;
  writeSync(file: number, bytes: Uint8Array, offset: number): number;
  ftruncateSync(file: number, length: number): void;
  closeSync(file: number): void;
}
interface Host {
  process?: { getBuiltinModule?(name: string): unknown };
}

/** Node's file system, or undefined in a browser. */
export function nodeFiles(): Files | undefined {
  return (globalThis as Host).process?.getBuiltinModule?.('node:fs') as Files | undefined;
}

/**
 * A log directory on disk, made when it is missing. Each sink starts a file of its own in it, so
 * what earlier runs wrote stays, and a file that a killed process left cut is never written after.
 *
 * @param path - The run's directory, such as `'logs/digits/train'`.
 * @throws When there is no file system (in a browser), or the directory can't be written.
 *
 * @example
 * ```ts
 * const writer = new SummaryWriter(logDirectory('logs/digits/train'));
 * ```
 */
export function logDirectory(path: string): EventSink {
  const files = nodeFiles();
  if (!files) throw new Error(`logDirectory: there is no file system here for '${path}'`);
  const os = (globalThis as Host).process!.getBuiltinModule!('node:os') as { hostname(): string };
  try {
    files.mkdirSync(path, { recursive: true });
    return fileSink(files, `${path}/${eventFileName(os.hostname())}`, 'ax');
  } catch (error) {
    throw new Error(`logDirectory: cannot write in '${path}': ${(error as Error).message}`);
  }
}

/** A sink that writes one file. */
function fileSink(files: Files, path: string, flags: string): EventSink {
  const file = files.openSync(path, flags);
  let length = 0;
  return {
    name: path,
    append(bytes) {
      try {
        for (let done = 0; done < bytes.length; ) done += files.writeSync(file, bytes, done);
      } catch (error) {
        // A record cut in the middle would hide all that comes after it.
        files.ftruncateSync(file, length);
        throw error;
      }
      length += bytes.length;
    },
    close: () => files.closeSync(file),
  };
}
