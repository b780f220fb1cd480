import { reasonOf, WeightsError } from './WeightsError.js';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

// What is used of jsfive, which comes without types.
interface Group {
  readonly keys: string[];
  get(name: string): Group | Dataset;
  readonly attrs: Record<string, unknown>;
}
interface Dataset {
  readonly shape: number[];
  readonly value: ArrayLike<number>;
}
interface Jsfive {
  File: new (buffer: ArrayBuffer, name: string) => Group;
  Group: new (...args: never[]) => Group;
}

/** A group of an HDF5 file, with what it holds by name. */
export interface Hdf5Group {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly groups: ReadonlyMap<string, Hdf5Group>;
  readonly arrays: ReadonlyMap<string, Hdf5Array>;
}

/** An array in an HDF5 file. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  read(): Float32Array;
}

/** Whether a file starts as HDF5 files do. */
export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * The groups and arrays of an HDF5 file. jsfive is fetched here, so that only who opens one pays
 * for it.
 *
 * @throws {@link WeightsError} when the file is cut or broken.
 */
export async function readHdf5(bytes: Uint8Array, file: string): Promise<Hdf5Group> {
  checkLength(bytes, file);
  // @ts-expect-error jsfive comes without types.
  const jsfive = (await import('jsfive')) as Jsfive;
  const open = (group: Group): Hdf5Group => {
    const groups = new Map<string, Hdf5Group>();
    const arrays = new Map<string, Hdf5Array>();
    for (const key of group.keys) {
      const item = group.get(key);
      if (item instanceof jsfive.Group) groups.set(key, open(item));
      else arrays.set(key, arrayOf(item as Dataset));
    }
    return { attributes: group.attrs, groups, arrays };
  };
  try {
    const { buffer } = bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
    return open(new jsfive.File(buffer as ArrayBuffer, file));
  } catch (error) {
    const reason = reasonOf(error);
    throw new WeightsError(`${file} is a broken HDF5 file: ${reason}`, { cause: error });
  }
}

function arrayOf(dataset: Dataset): Hdf5Array {
  const { shape } = dataset;
  return { shape, read: () => Float32Array.from(dataset.value) };
}

/** Compares the file's length with the one in its superblock. */
function checkLength(bytes: Uint8Array, file: string): void {
  // Versions 0 and 1 hold the end of the file after two other addresses; 2 and 3 likewise, sooner.
  const at = bytes[8]! < 2 ? 40 : 28;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length < at + 8 ? at + 8 : Number(view.getBigUint64(at, true));
  if (end > bytes.length) {
    throw new WeightsError(`${file} is cut short: ${bytes.length} bytes of at least ${end}`);
  }
}
