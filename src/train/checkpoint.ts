import { io, type NamedTensorMap } from '@tensorflow/tfjs-core';
import { OptionError } from '../core/args.js';
import type { NamedTensor } from './optimizerState.js';

/** A checkpoint is this line, the length of the header as decimal digits in a line, header, data. */
const MAGIC = 'tfjs-blocks checkpoint 1\n';

/** What {@link encodeCheckpoint} keeps. */
export interface CheckpointContent<State> {
  /** Plain JSON. */
  state: State;
  tensors: NamedTensorMap;
}

interface Header<State> {
  state: State;
  specs: io.WeightsManifestEntry[];
  bytes: number;
}

/** Writes a state and tensors, bit for bit, into one array of bytes. */
export async function encodeCheckpoint<State>(
  state: State,
  tensors: NamedTensor[],
): Promise<Uint8Array> {
  const { data, specs } = await io.encodeWeights(tensors);
  const header: Header<State> = { state, specs, bytes: data.byteLength };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const prefix = new TextEncoder().encode(`${MAGIC}${json.length}\n`);
  const bytes = new Uint8Array(prefix.length + json.length + data.byteLength);
  bytes.set(prefix);
  bytes.set(json, prefix.length);
  bytes.set(new Uint8Array(data), prefix.length + json.length);
  return bytes;
}

/**
 * Reads what {@link encodeCheckpoint} wrote.
 *
 * @throws {@link OptionError} when the bytes are no checkpoint, or are cut short.
 */
export function decodeCheckpoint<State>(bytes: Uint8Array): CheckpointContent<State> {
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
  if (text(0, MAGIC.length) !== MAGIC) refuse('is none of tfjs-blocks, version 1');
  const lineEnd = bytes.indexOf('\n'.charCodeAt(0), MAGIC.length);
  const headerStart = lineEnd + 1;
  const dataStart = headerStart + Number(text(MAGIC.length, lineEnd));
  if (lineEnd < 0 || !(dataStart <= bytes.length)) refuse('is cut short');
  const { state, specs, bytes: size } = JSON.parse(text(headerStart, dataStart)) as Header<State>;
  if (bytes.length !== dataStart + size) refuse('is cut short');
  // A copy: the slice of a Node Buffer would be a view of a larger buffer.
  const { buffer } = new Uint8Array(bytes.subarray(dataStart));
  return { state, tensors: io.decodeWeights(buffer, specs) };
}

function refuse(what: string): never {
  throw new OptionError(`trainLoop: the checkpoint to resume from ${what}`);
}
