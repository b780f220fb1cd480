import { reasonOf, WeightsError } from './WeightsError.js';

/**
 * Where a file of weights comes from: its bytes, a `File` or `Blob`, a `Response`, a URL, or in Node
 * a path.
 */
export type WeightsSource = Uint8Array | ArrayBuffer | Blob | Response | URL | string;

/** How much of a file has been read. */
export interface Progress {
  /** The bytes read so far. */
  loaded: number;
  /** The bytes of the whole file; undefined while the server doesn't say. */
  total: number | undefined;
}

/** A file's bytes, and what error messages call it. */
export interface SourceFile {
  name: string;
  bytes: Uint8Array;
}

type Chunks = AsyncIterable<Uint8Array>;

// What is used of Node's file system. It is asked of the process, not imported: a bundler for
// browsers would stumble over the import.
interface Files {
  promises: { stat(path: string | URL): Promise<{ size: number }> };
  createReadStream(path: string | URL, options: { highWaterMark: number }): Chunks;
}
interface Host {
  process?: { getBuiltinModule?(name: 'node:fs'): Files };
}

const CHUNK = 2 ** 20;

/**
 * Reads a file, and tells from time to time how far it has come.
 *
 * @throws {@link WeightsError} when it can't be read or is empty.
 */
export async function readSource(
  source: WeightsSource,
  onProgress: (progress: Progress) => void = () => {},
): Promise<SourceFile> {
  const name = nameOf(source);
  const bytes = await readBytes(source, onProgress).catch((error) => {
    throw new WeightsError(`${name} can't be read: ${reasonOf(error)}`, { cause: error });
  });
  if (bytes.length === 0) throw new WeightsError(`${name} is empty`);
  return { name, bytes };
}

function nameOf(source: WeightsSource): string {
  if (typeof source === 'string' || source instanceof URL) return `'${source}'`;
  if (source instanceof Response && source.url) return `'${source.url}'`;
  if (source instanceof Blob && 'name' in source) return `'${source.name}'`;
  return 'the file';
}

async function readBytes(
  source: WeightsSource,
  onProgress: (progress: Progress) => void,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return collect(chunksOf(source.stream()), source.size, onProgress);
  if (source instanceof Response) return readResponse(source, onProgress);
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new TypeError(`it must be bytes, a Blob, a Response, a URL or a path, got ${source}`);
  }
  const files = (globalThis as Host).process?.getBuiltinModule?.('node:fs');
  // One letter before the colon is a drive of Windows.
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(String(source))?.[1];
  if (!files || (scheme && scheme !== 'file')) return readResponse(await fetch(source), onProgress);
  const path = scheme ? new URL(source) : source;
  const { size } = await files.promises.stat(path);
  return collect(files.createReadStream(path, { highWaterMark: CHUNK }), size, onProgress);
}

async function readResponse(
  response: Response,
  onProgress: (progress: Progress) => void,
): Promise<Uint8Array> {
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const { headers, body } = response;
  // The length of compressed bytes says nothing about those that arrive here.
  const length = headers.has('content-encoding') ? null : headers.get('content-length');
  const total = length === null ? undefined : Number(length);
  return collect(body ? chunksOf(body) : none(), total, onProgress);
}

async function* none(): Chunks {}

/** Safari's streams can't be iterated over. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): Chunks {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

/** Joins chunks, in one buffer when the total is known. */
async function collect(
  chunks: Chunks,
  total: number | undefined,
  onProgress: (progress: Progress) => void,
): Promise<Uint8Array> {
  let bytes = new Uint8Array(total ?? CHUNK);
  let loaded = 0;
  for await (const chunk of chunks) {
    if (loaded + chunk.length > bytes.length) {
      const longer = new Uint8Array(Math.max(2 * bytes.length, loaded + chunk.length));
      longer.set(bytes.subarray(0, loaded));
      bytes = longer;
    }
    bytes.set(chunk, loaded);
    loaded += chunk.length;
    onProgress({ loaded, total });
  }
  return bytes.subarray(0, loaded);
}
