import type { LayersModel } from '@tensorflow/tfjs-layers';
import { namedWeights } from '../core/weightNames.js';

/** The names of dtypes in safetensors. */
const DTYPES: Record<string, string> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };

/** The header is padded to a multiple of this, so that the data is aligned. */
const ALIGNMENT = 8;

/**
 * Writes a model's weights as a safetensors file, under their names (`block/conv/kernel`) and in the
 * layouts of tf.layers. `loadWeights` without `from` reads it back bit for bit, and so do the
 * safetensors libraries of other languages.
 *
 * @returns The bytes of the file.
 *
 * @example
 * ```ts
 * const bytes = await saveSafetensors(model);
 * await writeFile('model.safetensors', bytes); // in a browser: new Blob([bytes])
 * ```
 *
 * Source: the format's description in https://github.com/huggingface/safetensors.
 */
export async function saveSafetensors(model: LayersModel): Promise<Uint8Array<ArrayBuffer>> {
  const weights = [...namedWeights(model)];
  const arrays = await Promise.all(weights.map(([, weight]) => weight.read().data()));
  const header: Record<string, unknown> = {};
  let size = 0;
  weights.forEach(([name, { dtype, shape }], i) => {
    const begin = size;
    size += arrays[i]!.byteLength;
    header[name] = { dtype: DTYPES[dtype], shape, data_offsets: [begin, size] };
  });
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + length + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}
