import { decode, dtypeOf } from './dtypes.js';
import { permute } from './permute.js';
import { type StoredTensor, sizeOf } from './StoredTensor.js';
import { WeightsError } from './WeightsError.js';

/** `\x93NUMPY` */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy's names of the dtypes. */
const DTYPES: Record<string, string> = {
  '<f8': 'F64',
  '<f4': 'F32',
  '<f2': 'F16',
  '<i8': 'I64',
  '<i4': 'I32',
  '<i2': 'I16',
  '|i1': 'I8',
  '<u8': 'U64',
  '<u4': 'U32',
  '<u2': 'U16',
  '|u1': 'U8',
  '|b1': 'BOOL',
};

/**
 * The array of an .npy file: a magic string, a version, the length of a Python dict and the dict, the
 * elements.
 *
 * Source: the format's description in NumPy, `numpy.lib.format`.
 *
 * @throws {@link WeightsError} when the file is no such file, is cut, or holds another kind of array.
 */
export function readNpy(bytes: Uint8Array, name: string, file: string): StoredTensor {
  const refuse = (rule: string): never => {
    throw new WeightsError(`${file}: '${name}' is not a good .npy array: ${rule}`);
  };
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse('it does not begin as one');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [start, length] =
    bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const end = start + length;
  if (end > bytes.length) refuse(`its header ends at byte ${end} of ${bytes.length}`);
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const [, descr] = /'descr': *'([^']*)'/.exec(header) ?? [];
  const [, order] = /'fortran_order': *(True|False)/.exec(header) ?? [];
  const [, sizes] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  if (descr === undefined || order === undefined || sizes === undefined) {
    return refuse(`its header is ${header.trim()}`);
  }
  const dtype = dtypeOf(DTYPES[descr]);
  if (!dtype) return refuse(`its dtype must be one of ${Object.keys(DTYPES)}, got ${descr}`);
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  const needed = sizeOf(shape) * dtype.size;
  const found = bytes.length - end;
  if (found !== needed) refuse(`its shape [${shape}] needs ${needed} bytes, and has ${found}`);
  return {
    name,
    shape,
    read: () => {
      const values = decode(bytes.subarray(end), dtype);
      return order === 'True' ? fromColumns(values, shape) : values;
    },
  };
}

/** Row-major elements of column-major ones. */
function fromColumns(values: Float32Array, shape: readonly number[]): Float32Array {
  return permute(
    values,
    [...shape].reverse(),
    shape.map((_, axis) => shape.length - 1 - axis),
  );
}
