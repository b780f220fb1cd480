import { dispose, io, tidy, type Variable } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { Adam, registerLayers, trainStep } from 'tfjs-blocks';
import {
  type Answer,
  type ModelName,
  PIXELS,
  type Report,
  type Snapshot,
  type Source,
} from '../protocol.js';
import { batches, toBatch } from './batches.js';
import { type DataSet, type Images, oneOfEach } from './data.js';
import type { Batch, Kind } from './Kind.js';
import { KINDS } from './kinds.js';
import { Pace } from './pace.js';

/** How many held-out digits are looked at, and of these how many are shown. */
const CHECKED = 100;
const SHOWN = 10;

/** Milliseconds of work between pauses in which messages are answered. */
const BREATH_EVERY = 50;

/** A model in training. */
export class Trainer {
  step = 0;
  readonly #name: ModelName;
  readonly #kind: Kind;
  readonly #train: Images;
  readonly #heldOut: Images;
  readonly #tell: (report: Report) => void;
  #model!: LayersModel;
  #training: Promise<void> | null = null;
  #stop = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(name: ModelName, data: DataSet, tell: (report: Report) => void) {
    this.#name = name;
    this.#kind = KINDS[name];
    this.#train = data.train;
    this.#heldOut = oneOfEach(data.heldOut, CHECKED);
    this.#tell = tell;
  }

  /** Makes the model, or takes it from a snapshot or the browser's storage, as it was then. */
  async open(from: Source): Promise<void> {
    if (from === 'new') {
      this.#model = this.#kind.make();
      // With the model tfjs then saves the optimizer's state. The training loop is ours.
      const optimizer = new Adam({ learningRate: 2e-3 });
      this.#model.compile({ optimizer, loss: this.#kind.lossName });
      return;
    }
    registerLayers();
    const place = from === 'saved' ? this.#place : io.fromMemory(from.artifacts);
    this.#model = await loadLayersModel(place);
    this.step = (this.#model.getUserDefinedMetadata() as { step: number }).step;
  }

  /** Trains until it is stopped. */
  train(batchSize: number): Promise<void> {
    this.#stop = false;
    this.#training ??= this.#run(batchSize).finally(() => {
      this.#training = null;
    });
    return this.#training;
  }

  /** Stops after the step under way. */
  async stop(): Promise<void> {
    this.#stop = true;
    await this.#training;
  }

  /** Saves the model in the browser, after the step under way. */
  save(): Promise<void> {
    return this.#inTurn(() => this.#saveTo(this.#place));
  }

  /** What the model makes of one image, after the step under way. */
  draw(pixels: Float32Array): Promise<Answer> {
    return this.#inTurn(async () => {
      const { x, labels } = toBatch({ pixels, digits: new Uint8Array(1) });
      try {
        return await this.#kind.answer(this.#model, x);
      } finally {
        dispose([x, labels]);
      }
    });
  }

  /** Looks at held-out digits, and hands out a snapshot. */
  async check(): Promise<void> {
    const { step } = this;
    const batch = toBatch(this.#heldOut);
    const loss = tidy(() => this.#kind.loss(this.#model, batch, false));
    try {
      const [[heldOut], answer, snapshot] = await Promise.all([
        loss.data(),
        this.#kind.answer(this.#model, batch.x),
        this.#snapshot(),
      ]);
      const originals = this.#heldOut.pixels.slice(0, SHOWN * PIXELS);
      const pictures = { originals, digits: [...this.#heldOut.digits.slice(0, SHOWN)], answer };
      this.#tell({ type: 'checked', step, heldOut: heldOut!, pictures, snapshot });
    } finally {
      dispose([loss, batch.x, batch.labels]);
    }
  }

  get #place(): string {
    return `indexeddb://tfjs-blocks-${this.#name}`;
  }

  async #snapshot(): Promise<Snapshot> {
    const { step } = this;
    return new Promise((resolve, reject) => {
      const handler = io.withSaveHandler(async (artifacts) => {
        resolve({ step, artifacts });
        return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
      });
      this.#saveTo(handler).catch(reject);
    });
  }

  async #saveTo(place: string | io.IOHandler): Promise<void> {
    this.#model.setUserDefinedMetadata({ step: this.step });
    await this.#model.save(place, { includeOptimizer: true });
  }

  async #trainOn(batch: Batch): Promise<number> {
    const loss = () => this.#kind.loss(this.#model, batch, true);
    // In the order of the layers: the optimizer's state is saved in the order of the variables.
    const variables = this.#model.trainableWeights.map((weight) => weight.read() as Variable);
    const value = await trainStep(this.#model.optimizer, loss, { variables });
    this.step++;
    return value;
  }

  /** Does one thing after the other: in the midst of a step a model is neither the one nor the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #run(batchSize: number): Promise<void> {
    const pace = new Pace();
    let rested = performance.now();
    for (const images of batches(this.#train, batchSize, this.step)) {
      if (this.#stop) break;
      const batch = toBatch(images);
      const loss = await this.#inTurn(() => pace.ofStep(() => this.#trainOn(batch))).finally(() =>
        dispose([batch.x, batch.labels]),
      );
      this.#tell({ type: 'step', step: this.step, loss, stepsPerSecond: pace.stepsPerSecond });
      await pace.ofCheck(() => this.check());
      if (performance.now() - rested > BREATH_EVERY) {
        await new Promise((resolve) => setTimeout(resolve));
        rested = performance.now();
      }
    }
    await this.check();
    this.#tell({ type: 'stopped', step: this.step });
  }
}
