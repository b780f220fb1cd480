import { dispose, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { Adam, registerLayers, trainStep } from 'tfjs-blocks';
import {
  type Answer,
  type ModelName,
  type Report,
  SIDE,
  type Snapshot,
  type Source,
} from '../protocol.js';
import { batches, toBatch } from './batches.js';
import { type DataSet, oneOfEach } from './data.js';
import { KINDS, type Kind } from './kinds.js';
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
  readonly #data: DataSet;
  readonly #tell: (report: Report) => void;
  readonly #optimizer = new Adam({ learningRate: 2e-3 });
  #model!: LayersModel;
  #training: Promise<void> | null = null;
  #stop = false;

  constructor(name: ModelName, data: DataSet, tell: (report: Report) => void) {
    this.#name = name;
    this.#kind = KINDS[name];
    this.#data = data;
    this.#tell = tell;
  }

  /** Makes the model, or takes it from the browser's storage. */
  async open(from: Source): Promise<void> {
    if (from === 'saved') {
      registerLayers();
      this.#model = await loadLayersModel(this.#place);
      this.step = (this.#model.getUserDefinedMetadata() as { step: number }).step;
      return;
    }
    this.#model = this.#kind.make();
    if (from === 'new') return;
    const weights = this.#model.getWeights().map(({ shape }, i) => tensor(from.weights[i]!, shape));
    this.#model.setWeights(weights);
    dispose(weights);
    this.step = from.step;
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

  async save(): Promise<void> {
    this.#model.setUserDefinedMetadata({ step: this.step });
    await this.#model.save(this.#place);
  }

  /** What the model makes of one image. */
  async draw(pixels: Float32Array): Promise<Answer> {
    const { x, labels } = toBatch({ pixels, digits: new Uint8Array(1) });
    try {
      return await this.#kind.answer(this.#model, x);
    } finally {
      dispose([x, labels]);
    }
  }

  /** Looks at held-out digits, and hands out the weights. */
  async check(): Promise<void> {
    const images = oneOfEach(this.#data.heldOut, CHECKED);
    const shown = images.pixels.slice(0, SHOWN * SIDE ** 2);
    const batch = toBatch(images);
    const few = toBatch({ pixels: shown, digits: images.digits.slice(0, SHOWN) });
    const loss = tidy(() => this.#kind.loss(batch, this.#model.predict(batch.x) as Tensor));
    try {
      const [[heldOut], answer, snapshot] = await Promise.all([
        loss.data(),
        this.#kind.answer(this.#model, few.x),
        this.#snapshot(),
      ]);
      const pictures = { originals: shown, digits: [...images.digits.slice(0, SHOWN)], answer };
      this.#tell({ type: 'checked', step: this.step, heldOut: heldOut!, pictures, snapshot });
    } finally {
      dispose([loss, batch.x, batch.labels, few.x, few.labels]);
    }
  }

  get #place(): string {
    return `indexeddb://tfjs-blocks-${this.#name}`;
  }

  async #snapshot(): Promise<Snapshot> {
    const weights = await Promise.all(this.#model.getWeights().map((weight) => weight.data()));
    return { model: this.#name, step: this.step, weights: weights as Float32Array[] };
  }

  async #run(batchSize: number): Promise<void> {
    const pace = new Pace();
    let rested = performance.now();
    for (const images of batches(this.#data.train, batchSize)) {
      if (this.#stop) break;
      const batch = toBatch(images);
      const loss = await pace
        .ofStep(() =>
          trainStep(this.#optimizer, () =>
            this.#kind.loss(batch, this.#model.apply(batch.x, { training: true }) as Tensor),
          ),
        )
        .finally(() => dispose([batch.x, batch.labels]));
      this.step++;
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
