import { clone, dispose, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { CustomCallback, LayersModel } from '@tensorflow/tfjs-layers';
import { boolean, number, refuse } from '../core/args.js';
import { openSink } from './openSink.js';
import { SummaryWriter } from './SummaryWriter.js';
import type { EventSink } from './sink.js';
import { summarizeVariables } from './summarize.js';

const OWNER = 'tensorBoard';

type Logs = Record<string, number | Scalar | undefined>;
type Images = Record<string, Tensor>;

/** What the `tensorBoard` callback writes, and how often. */
export interface TensorBoardOptions {
  /**
   * The model whose graph, weights and images are written. Give it in a loop of your own, and for a
   * Sequential whose first layer is a model: `model.fit` shows a callback the layers of that first
   * one instead of it. Default: what `model.fit` shows.
   */
  model?: LayersModel;
  /**
   * When the losses and metrics are written: `'epoch'`, `'batch'`, or every so many batches. Those of
   * batches are `batch_loss` … at the batch's number, those of epochs always `epoch_loss` … at the
   * epoch's. Default: `'epoch'`.
   */
  updateFreq?: 'epoch' | 'batch' | number;
  /** Every how many epochs the weights are summarised; 0 is never. Default: 0. */
  histogramFreq?: number;
  /**
   * Images to write after each epoch, by tag: tensors of `[h, w, c]` or `[b, h, w, c]`, float32 in
   * [0, 1] or int32 in [0, 255]. They are made inside a `tidy`. Default: none.
   */
  images?: (model: LayersModel, epoch: number) => Images;
  /** Whether the model's graph is written when training begins. Default: true. */
  graph?: boolean;
}

/**
 * A callback that shows a training in TensorBoard: the losses and metrics, the weights, images and
 * the graph in the run `train`, and the validation's losses and metrics in the run `test`.
 *
 * A loop of one's own calls the same methods; see `TensorBoard`.
 *
 * @param logDir - The directory of the runs, such as `'logs/digits'`: on disk in Node, in the
 * origin-private file system in a browser. Or a function that makes the sink of a run.
 * @param options - What is written, and how often.
 * @throws OptionError For a bad option.
 *
 * @example
 * ```ts
 * await model.fit(x, y, { validationData, epochs: 5, callbacks: tensorBoard('logs/digits') });
 * ```
 */
export function tensorBoard(
  logDir: string | ((run: string) => EventSink),
  options: TensorBoardOptions = {},
): TensorBoard {
  return new TensorBoard(logDir, options);
}

/**
 * The callback that `tensorBoard` makes. Without `model.fit`:
 *
 * @example
 * ```ts
 * const board = tensorBoard('logs/digits', { model, updateFreq: 10 });
 * await board.onTrainBegin();
 * for (let epoch = 0; epoch < epochs; epoch++) {
 *   for (const [i, batch] of batches.entries()) {
 *     const loss = step(batch);            // a Scalar or a number
 *     await board.onBatchEnd(i, { loss }); // reads it only when it is due
 *   }
 *   await board.onEpochEnd(epoch, { loss: mean, val_loss: heldOut }); // val_…: in the run test
 * }
 * await board.onTrainEnd();
 * ```
 */
export class TensorBoard extends CustomCallback {
  readonly #open: (run: string) => EventSink;
  readonly #every: number;
  readonly #histogramFreq: number;
  readonly #images?: (model: LayersModel, epoch: number) => Images;
  readonly #graph: boolean;
  readonly #writers = new Map<string, SummaryWriter>();
  readonly #given?: LayersModel;
  #model?: LayersModel;
  #batches = 0;

  constructor(logDir: string | ((run: string) => EventSink), options: TensorBoardOptions) {
    // Without handlers of its own a CustomCallback only lets the page breathe.
    super({});
    const { model, updateFreq = 'epoch', histogramFreq = 0, images, graph = true } = options;
    this.#open = typeof logDir === 'function' ? logDir : (run) => openSink(`${logDir}/${run}`);
    if (typeof logDir !== 'function' && (typeof logDir !== 'string' || logDir === '')) {
      refuse(OWNER, 'logDir', 'a path or a function', logDir);
    }
    if (model !== undefined && !(model instanceof LayersModel)) {
      refuse(OWNER, 'model', 'a LayersModel', model);
    }
    this.#given = model;
    this.#model = model;
    this.#every = interval(updateFreq);
    this.#histogramFreq = number(
      OWNER,
      'histogramFreq',
      histogramFreq,
      'an integer of at least 0',
      (value) => Number.isInteger(value) && value >= 0,
    );
    if (images !== undefined && typeof images !== 'function') {
      refuse(OWNER, 'images', 'a function', images);
    }
    this.#images = images;
    this.#graph = boolean(OWNER, 'graph', graph);
  }

  /** The run of a writer: `'train'` and `'test'` are the callback's own. Made at the first call. */
  writer(run: string): SummaryWriter {
    let writer = this.#writers.get(run);
    if (!writer) {
      writer = new SummaryWriter(this.#open(run));
      this.#writers.set(run, writer);
    }
    return writer;
  }

  /** Takes the model of `model.fit`, unless the options gave one. */
  override setModel(model: unknown): void {
    this.#model = this.#given ?? (model as LayersModel);
  }

  /** Opens the run `train`, so that a directory that can't be written shows now, and writes the graph. */
  override async onTrainBegin(): Promise<void> {
    const writer = this.writer('train');
    if (this.#graph && this.#model) writer.graph(this.#model);
  }

  /** Counts the batch and writes its losses and metrics when they are due; undefined ones never. */
  override async onBatchEnd(batch: number, logs: Logs = {}): Promise<void> {
    const step = this.#batches++;
    if (this.#every > 0 && step % this.#every === 0) {
      for (const [name, value] of await numbers(logs)) {
        if (name !== 'batch' && name !== 'size') {
          this.writer('train').scalar(`batch_${name}`, value, step);
        }
      }
    }
    await super.onBatchEnd(batch);
  }

  /** Writes the epoch's losses and metrics (`val_…` in the run `test`), weights and images. */
  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    for (const [name, value] of await numbers(logs)) {
      const held = name.startsWith('val_');
      const tag = `epoch_${held ? name.slice(4) : name}`;
      this.writer(held ? 'test' : 'train').scalar(tag, value, epoch);
    }
    if (this.#model && this.#histogramFreq > 0 && epoch % this.#histogramFreq === 0) {
      await summarizeVariables(this.writer('train'), this.#model, epoch);
    }
    await this.#writeImages(epoch);
    for (const writer of this.#writers.values()) await writer.flush();
    await super.onEpochEnd(epoch);
  }

  /** Closes the runs; a later training starts new files in them. */
  override async onTrainEnd(): Promise<void> {
    const writers = [...this.#writers.values()];
    this.#writers.clear();
    // Each is closed, also when another can't be.
    await Promise.all(writers.map((writer) => writer.close()));
  }

  async #writeImages(epoch: number): Promise<void> {
    if (!this.#images || !this.#model) return;
    // Clones may be disposed of, whether the images were made here or are the caller's own.
    const images = tidy(() => {
      const made = this.#images!(this.#model!, epoch);
      if (made instanceof Promise) refuse(OWNER, 'images', 'a function that is not async', made);
      return Object.fromEntries(Object.entries(made).map(([tag, image]) => [tag, clone(image)]));
    });
    try {
      for (const [tag, image] of Object.entries(images)) {
        await this.writer('train').image(tag, image, epoch);
      }
    } finally {
      dispose(images);
    }
  }
}

/** Every how many batches a batch is written; 0 is never. */
function interval(updateFreq: 'epoch' | 'batch' | number): number {
  if (updateFreq === 'epoch') return 0;
  if (updateFreq === 'batch') return 1;
  const rule = "'epoch', 'batch' or a positive integer";
  return number(OWNER, 'updateFreq', updateFreq, rule, (n) => Number.isInteger(n) && n > 0);
}

/** The logs that there are, as numbers. Tensors stay: `model.fit` disposes of its own. */
async function numbers(logs: Logs): Promise<[string, number][]> {
  const entries = Object.entries(logs).map(async ([name, value]): Promise<[string, number][]> => {
    if (value === undefined) return [];
    return [[name, typeof value === 'number' ? value : (await value.data())[0]!]];
  });
  return (await Promise.all(entries)).flat();
}
