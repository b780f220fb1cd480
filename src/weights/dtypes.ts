interface Dtype {
  /** The bytes of one element. */
  readonly size: number;
  /** Little-endian elements as float32. The buffer starts at an element and holds nothing else. */
  toFloat32(buffer: ArrayBuffer): Float32Array;
}

// Typed arrays have the machine's byte order, which is little-endian wherever JavaScript runs.
const DTYPES: Record<string, Dtype> = {
  F64: { size: 8, toFloat32: (buffer) => Float32Array.from(new Float64Array(buffer)) },
  F32: { size: 4, toFloat32: (buffer) => new Float32Array(buffer) },
  F16: { size: 2, toFloat32: (buffer) => Float32Array.from(new Uint16Array(buffer), fromHalf) },
  BF16: { size: 2, toFloat32: fromBfloat },
  I64: { size: 8, toFloat32: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) },
  I32: { size: 4, toFloat32: (buffer) => Float32Array.from(new Int32Array(buffer)) },
  I16: { size: 2, toFloat32: (buffer) => Float32Array.from(new Int16Array(buffer)) },
  I8: { size: 1, toFloat32: (buffer) => Float32Array.from(new Int8Array(buffer)) },
  U64: { size: 8, toFloat32: (buffer) => Float32Array.from(new BigUint64Array(buffer), Number) },
  U32: { size: 4, toFloat32: (buffer) => Float32Array.from(new Uint32Array(buffer)) },
  U16: { size: 2, toFloat32: (buffer) => Float32Array.from(new Uint16Array(buffer)) },
  U8: { size: 1, toFloat32: (buffer) => Float32Array.from(new Uint8Array(buffer)) },
  BOOL: { size: 1, toFloat32: (buffer) => Float32Array.from(new Uint8Array(buffer)) },
};

/** The dtype of that name in a safetensors file, or undefined. */
export function dtypeOf(name: unknown): Dtype | undefined {
  return typeof name === 'string' && Object.hasOwn(DTYPES, name) ? DTYPES[name] : undefined;
}

/** The names of the dtypes that can be read. */
export const DTYPE_NAMES = Object.keys(DTYPES);

/** The elements in a part of a file, which may begin at any byte. */
export function decode(bytes: Uint8Array, dtype: Dtype): Float32Array {
  return dtype.toFloat32(bytes.slice().buffer);
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const magnitude =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent < 31
        ? (1024 + fraction) * 2 ** (exponent - 25)
        : fraction === 0
          ? Infinity
          : NaN;
  return bits & 0x8000 ? -magnitude : magnitude;
}

/** The upper half of a float32. */
function fromBfloat(buffer: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
}
