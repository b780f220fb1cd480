import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A tensor as expected.json has it. */
export interface Values {
  shape: number[];
  data: number[];
}

/** The files that tools/weights.py wrote once. */
export const FIXTURES = 'tests/fixtures/weights';

/** What tools/weights.py says about a file in its folder. */
export async function expectedOf(folder: string, file: string): Promise<Record<string, Values>> {
  return JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'))[file];
}

/** The bytes of a file that tools/weights.py wrote once. */
export async function fixture(file: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(FIXTURES, file)));
}

/** A safetensors file with any header. */
export function safetensorsFile(
  header: unknown,
  data: ArrayLike<number> = [],
  length?: bigint,
): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

/** A safetensors file of float32 tensors that are all of one value. */
export function constants(tensors: Record<string, { shape: number[]; value: number }>): Uint8Array {
  const header: Record<string, unknown> = {};
  const data: number[] = [];
  for (const [name, { shape, value }] of Object.entries(tensors)) {
    const begin = data.length;
    const size = shape.reduce((a, b) => a * b, 1);
    data.push(...new Uint8Array(new Float32Array(size).fill(value).buffer));
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, data.length] };
  }
  return safetensorsFile(header, data);
}
