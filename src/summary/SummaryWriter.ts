import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { PbfWriter } from 'pbf';
import { number, OptionError, refuse } from '../core/args.js';
import { graphDef } from './graph.js';
import { histogram } from './histogram.js';
import {
  DataType,
  type Event,
  type SummaryValue,
  type Tensor as TensorProto,
  writeEvent,
} from './messages.js';
import { openSink } from './openSink.js';
import { pictures } from './picture.js';
import { frame } from './record.js';
import type { EventSink } from './sink.js';

const OWNER = 'SummaryWriter';
const utf8 = new TextEncoder();

/** How a `SummaryWriter` writes. */
export interface SummaryWriterOptions {
  /** An event that is written so many seconds after the last flush, or later, flushes. Default: 5. */
  flushSeconds?: number;
  /** The wall time of an event, in seconds since 1970. Default: the clock's. */
  wallTime?: () => number;
}

/** What a tag holds. */
type Kind = 'scalars' | 'histograms' | 'images' | 'text';

/**
 * Writes one run of a training for TensorBoard: scalars, histograms, images, text and the model's
 * graph, each under a tag and at a step. In Node it writes to a directory, in a browser to the
 * origin-private file system, both without native code.
 *
 * Events gather in memory and go out together, with the first one `flushSeconds` after the last time,
 * and when `flush` or `close` is called; what was flushed outlives a killed process. When a flush fails (a full disk), the call
 * throws (the next one, where the disk answers late), what was flushed before stays whole, and what
 * was not is kept for the next flush.
 *
 * @throws OptionError For a bad tag, value, step or option, for a tag that already holds another
 * kind, and for a closed writer; nothing is written then.
 *
 * @example
 * ```ts
 * const writer = new SummaryWriter('logs/digits/train');
 * writer.graph(model);
 * writer.scalar('loss', 0.25, 100);
 * await writer.histogram('encoder/kernel', kernel, 100);
 * await writer.image('reconstructions', decoded, 100);
 * await writer.close();
 * ```
 */
export class SummaryWriter {
  readonly #sink: EventSink;
  readonly #flushSeconds: number;
  readonly #wallTime: () => number;
  readonly #kinds = new Map<string, Kind>();
  #queue: Uint8Array[] = [];
  #lastFlush = Date.now();
  #writing?: Promise<void>;
  #failure?: Error;
  #closed = false;

  /**
   * @param sink - The run's directory, such as `'logs/digits/train'`, or a sink of one's own.
   * @param options - When events are flushed, and their wall time.
   */
  constructor(sink: string | EventSink, options: SummaryWriterOptions = {}) {
    const { flushSeconds = 5, wallTime = () => Date.now() / 1000 } = options;
    this.#flushSeconds = number(OWNER, 'flushSeconds', flushSeconds, 'at least 0', (s) => s >= 0);
    if (typeof wallTime !== 'function') refuse(OWNER, 'wallTime', 'a function', wallTime);
    this.#wallTime = wallTime;
    this.#sink = typeof sink === 'string' ? openSink(sink) : sink;
    this.#write({ file_version: 'brain.Event:2' });
  }

  /** Writes a number, as float32; NaN and the infinities are shown as such. */
  scalar(tag: string, value: number, step: number): void {
    if (typeof value !== 'number') refuse(OWNER, `the value of '${tag}'`, 'a number', value);
    this.#summary('scalars', tag, step, () => ({ simple_value: value }));
  }

  /**
   * Writes how the elements of a tensor or an array are distributed, in TensorBoard's own buckets.
   * NaN and infinite elements have no bucket: their number is written as the scalar
   * `<tag>/nonfinite` when there are any.
   */
  async histogram(tag: string, values: Tensor | ArrayLike<number>, step: number): Promise<void> {
    this.#check('histograms', tag, step);
    const { histo, nonfinite } = histogram(await read(tag, values));
    const nonfiniteTag = `${tag}/nonfinite`;
    // Both or none.
    if (nonfinite > 0) this.#check('scalars', nonfiniteTag, step);
    this.#summary('histograms', tag, step, () => ({ histo }));
    if (nonfinite > 0) this.scalar(nonfiniteTag, nonfinite, step);
  }

  /**
   * Writes an image `[h, w, c]` or a batch of them `[b, h, w, c]`, as PNG: 1 to 4 channels, float32
   * in [0, 1] or int32 in [0, 255]. What lies outside is clipped, a pixel with a NaN is painted red.
   */
  async image(tag: string, image: Tensor, step: number): Promise<void> {
    this.#check('images', tag, step);
    const files = await pictures(OWNER, image);
    const [height, width] = image.shape.slice(-3);
    this.#summary('images', tag, step, () => ({
      ...plugin('images'),
      tensor: strings([utf8.encode(`${width}`), utf8.encode(`${height}`), ...files], true),
    }));
  }

  /** Writes a text, which TensorBoard shows as Markdown. */
  text(tag: string, text: string, step: number): void {
    if (typeof text !== 'string') refuse(OWNER, `the text of '${tag}'`, 'a string', text);
    this.#summary('text', tag, step, () => ({
      ...plugin('text'),
      tensor: strings([utf8.encode(text)], false),
    }));
  }

  /**
   * Writes the model's graph: scopes for nested models, blocks and layers with weights, the shapes on
   * the edges, a shared layer once. TensorBoard shows one graph a run, the last.
   */
  graph(model: LayersModel): void {
    this.#live();
    this.#write({ graph_def: graphDef(OWNER, model) });
  }

  /** Resolves when every event written so far is safe. */
  async flush(): Promise<void> {
    this.#live();
    await this.#flushAll();
  }

  /** Flushes and closes; a second call does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#flushAll();
    } finally {
      this.#sink.close();
    }
  }

  #summary(kind: Kind, tag: string, step: number, value: () => SummaryValue): void {
    this.#check(kind, tag, step);
    this.#kinds.set(tag, kind);
    this.#write({ step, summary: { value: [{ tag, ...value() }] } });
  }

  #check(kind: Kind, tag: string, step: number): void {
    this.#live();
    if (typeof tag !== 'string' || tag === '') refuse(OWNER, 'tag', 'a non-empty string', tag);
    const held = this.#kinds.get(tag) ?? kind;
    if (held !== kind) {
      throw new OptionError(`${OWNER}: tag '${tag}' already holds ${held}, it can't hold ${kind}`);
    }
    number(OWNER, `the step of '${tag}'`, step, 'an integer from 0 to 2^53 − 1', (value) => {
      return Number.isSafeInteger(value) && value >= 0;
    });
  }

  #live(): void {
    if (this.#closed) throw new OptionError(`${OWNER}: '${this.#sink.name}' is closed`);
  }

  #write(event: Event): void {
    const pbf = new PbfWriter();
    writeEvent({ wall_time: this.#wallTime(), ...event }, pbf);
    this.#queue.push(frame(pbf.finish()));
    const due = Date.now() - this.#lastFlush >= this.#flushSeconds * 1000;
    if (due && !this.#writing) {
      this.#drain()?.catch((error: Error) => {
        this.#failure = error;
      });
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }

  async #flushAll(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        // One that failed is tried again.
        if (this.#writing) await this.#writing.catch(() => {});
        else await this.#drain();
      }
    } finally {
      // Mended or said here; the next call needn't say it again.
      this.#failure = undefined;
    }
  }

  /** Hands the queue to the sink; it leaves the queue when the sink has taken it. */
  #drain(): Promise<void> | undefined {
    const count = this.#queue.length;
    this.#lastFlush = Date.now();
    try {
      const appended = this.#sink.append(concat(this.#queue));
      if (!appended) {
        this.#queue.splice(0, count);
        return undefined;
      }
      this.#writing = appended
        .then(
          () => void this.#queue.splice(0, count),
          (error) => this.#fail(error),
        )
        .finally(() => {
          this.#writing = undefined;
        });
      return this.#writing;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    const reason = (error as Error).message;
    throw new Error(
      `${OWNER}: cannot write '${this.#sink.name}': ${reason}; the events flushed before are intact`,
    );
  }
}

async function read(tag: string, values: Tensor | ArrayLike<number>): Promise<ArrayLike<number>> {
  if ('dataId' in values) {
    if (values.dtype === 'string' || values.dtype === 'complex64') {
      refuse(OWNER, `the values of '${tag}'`, 'real numbers', values.dtype);
    }
    return values.data();
  }
  return values;
}

function plugin(plugin_name: string): SummaryValue {
  return { metadata: { plugin_data: { plugin_name } } };
}

/** A tensor of strings: a vector, or a scalar of the only one. */
function strings(string_val: Uint8Array[], vector: boolean): TensorProto {
  const tensor_shape = vector ? { dim: [{ size: string_val.length }] } : {};
  return { dtype: DataType.DT_STRING, tensor_shape, string_val };
}

function concat(chunks: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
