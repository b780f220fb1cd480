import { DTYPE_NAMES, decode, dtypeOf } from './dtypes.js';
import { type StoredTensor, sizeOf } from './StoredTensor.js';
import { reasonOf, WeightsError } from './WeightsError.js';

/** The bytes before the header, which hold its length. */
const PREFIX = 8;

interface Entry {
  name: string;
  dtype: NonNullable<ReturnType<typeof dtypeOf>>;
  shape: number[];
  begin: number;
  end: number;
}

/** Whether a file starts as safetensors do: a length, then JSON. */
export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[PREFIX] === 0x7b;
}

/**
 * The tensors of a safetensors file: a header's length in 8 bytes, the header in JSON, the data.
 *
 * Nothing that the header says is taken on trust: every tensor must lie in the file and have the
 * bytes that its shape and type need, and together they must cover the data without gap or overlap.
 *
 * Source: the format's description in https://github.com/huggingface/safetensors.
 *
 * @throws {@link WeightsError} when a rule is broken.
 */
export function readSafetensors(bytes: Uint8Array, file: string): StoredTensor[] {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const room = bytes.length - PREFIX;
  if (length > room) {
    refuse(file, `its header should take ${length} bytes, and only ${room} follow`);
  }
  const start = PREFIX + Number(length);
  const data = bytes.subarray(start);
  const entries = parseHeader(bytes.subarray(PREFIX, start), file);
  checkPlaces(entries, data.length, file);
  return entries.map(({ name, dtype, shape, begin, end }) => ({
    name,
    shape,
    read: () => decode(data.subarray(begin, end), dtype),
  }));
}

function parseHeader(bytes: Uint8Array, file: string): Entry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    refuse(file, `its header is not JSON (${reasonOf(error)})`);
  }
  return Object.entries(header as object)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => parseEntry(name, entry, file));
}

function parseEntry(name: string, entry: unknown, file: string): Entry {
  const { dtype, shape, data_offsets } = (entry ?? {}) as Record<string, unknown>;
  const known = dtypeOf(dtype);
  if (!known) {
    const names = DTYPE_NAMES.join(', ');
    refuse(file, `'${name}' must have a dtype of ${names}, got ${JSON.stringify(dtype)}`);
  }
  if (!isCounts(shape)) refuse(file, `'${name}' has no shape, got ${JSON.stringify(shape)}`);
  if (!isCounts(data_offsets) || data_offsets.length !== 2) {
    refuse(file, `'${name}' has no pair of data_offsets, got ${JSON.stringify(data_offsets)}`);
  }
  const [begin, end] = data_offsets as [number, number];
  const size = sizeOf(shape) * known.size;
  if (end - begin !== size) {
    refuse(file, `'${name}', ${dtype} [${shape}], needs ${size} bytes, and has ${end - begin}`);
  }
  return { name, dtype: known, shape, begin, end };
}

/** Refuses tensors that overlap, leave a gap, or don't end where the file ends. */
function checkPlaces(entries: readonly Entry[], length: number, file: string): void {
  const inOrder = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of inOrder) {
    if (begin !== at) {
      const what = begin < at ? 'overlaps the tensor before it' : 'leaves a gap before it';
      refuse(file, `'${name}' ${what}: it begins at ${begin}, not at ${at}`);
    }
    if (end > length) {
      refuse(file, `'${name}' ends at byte ${end} of ${length}: the file is cut short`);
    }
    at = end;
  }
  if (at !== length) refuse(file, `${length - at} bytes follow the last tensor`);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function refuse(file: string, rule: string): never {
  throw new WeightsError(`${file} is not a good safetensors file: ${rule}`);
}
