import { zipSync } from 'fflate';
import { eventFileName } from './name.js';
import type { EventSink } from './sink.js';

type Directory = FileSystemDirectoryHandle;

/**
 * A log directory in the browser's origin-private file system. Each sink starts a file of its own in
 * it; `downloadLogs` brings them out.
 *
 * @param path - The run's directory, such as `'logs/digits/train'`.
 * @throws When the browser has no such file system (a page that is not served over HTTPS or from
 * localhost has none).
 *
 * @example
 * ```ts
 * const writer = new SummaryWriter(browserDirectory('logs/digits/train'));
 * ```
 */
export function browserDirectory(path: string): EventSink {
  const root = storage('browserDirectory', path);
  const fileName = eventFileName(globalThis.location?.hostname);
  let file: FileSystemFileHandle | undefined;
  let length = 0;
  const open = async () => {
    const directory = await enter(await root(), path, true);
    return directory.getFileHandle(fileName, { create: true });
  };
  return {
    name: `${path}/${fileName}`,
    async append(bytes) {
      file ??= await open();
      // The stream writes to a copy that takes the file's place when it is closed: all or nothing.
      const stream = await file.createWritable({ keepExistingData: true });
      await stream.write({ type: 'write', position: length, data: bytes as BufferSource });
      await stream.close();
      length += bytes.length;
    },
    close() {},
  };
}

/**
 * Downloads a log directory of the origin-private file system as one ZIP file, with its runs as
 * folders. Unpacked, it is what `tensorboard --logdir` reads.
 *
 * @param path - The directory, such as `'logs/digits'`.
 * @param fileName - The download's name. Default: the directory's own name and `.zip`.
 * @throws When the browser has no such file system, or the directory doesn't exist.
 *
 * @example
 * ```ts
 * button.onclick = () => downloadLogs('logs/digits'); // then: tensorboard --logdir digits
 * ```
 */
export async function downloadLogs(path: string, fileName?: string): Promise<void> {
  const root = storage('downloadLogs', path);
  const files: Record<string, Uint8Array> = {};
  try {
    await collect(await enter(await root(), path, false), '', files);
  } catch (error) {
    throw new Error(`downloadLogs: cannot read '${path}': ${(error as Error).message}`);
  }
  const zip = new Blob([zipSync(files) as BlobPart], { type: 'application/zip' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(zip);
  link.download = fileName ?? `${parts(path).at(-1) ?? 'logs'}.zip`;
  link.click();
  // The click only starts the download, which needs the URL until it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function storage(owner: string, path: string): () => Promise<Directory> {
  const manager = globalThis.navigator?.storage;
  if (!manager?.getDirectory) {
    throw new Error(`${owner}: there is no origin-private file system here for '${path}'`);
  }
  return () => manager.getDirectory();
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

async function enter(root: Directory, path: string, create: boolean): Promise<Directory> {
  let directory = root;
  for (const part of parts(path)) directory = await directory.getDirectoryHandle(part, { create });
  return directory;
}

async function collect(directory: Directory, prefix: string, files: Record<string, Uint8Array>) {
  for await (const [name, handle] of directory.entries()) {
    if (handle.kind === 'directory') {
      await collect(handle as Directory, `${prefix}${name}/`, files);
    } else if (!name.endsWith('.crswap')) {
      // Chromium lists the unfinished copy of a stream that failed.
      const file = await (handle as FileSystemFileHandle).getFile();
      files[`${prefix}${name}`] = new Uint8Array(await file.arrayBuffer());
    }
  }
}
