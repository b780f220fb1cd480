// What the page and its worker say to each other.
import type { io } from '@tensorflow/tfjs-core';
import type { BackendName, BackendReport } from 'tfjs-blocks/backend';

export type ModelName = 'autoencoder' | 'resnet';

/** What the page asks for. */
export type Order =
  | ({ type: 'open' } & Opening)
  | { type: 'train'; batchSize: number }
  | { type: 'stop' }
  | { type: 'save' }
  | { type: 'draw'; pixels: Float32Array };

/** Which backend and model to begin with. */
export interface Opening {
  backend: BackendName;
  /** The most threads that WASM may use. */
  threads?: number;
  model: ModelName;
  from: Source;
  /** The address of the digits. */
  digits: string;
}

/** Where a model comes from: made anew, the browser's storage, or a snapshot. */
export type Source = 'new' | 'saved' | Snapshot;

/** A model with its optimizer's state after a step, to go on with elsewhere. */
export interface Snapshot {
  step: number;
  artifacts: io.ModelArtifacts;
}

/** What the worker tells. */
export type Report =
  | { type: 'opened'; backend: BackendReport; step: number }
  | { type: 'step'; step: number; loss: number; stepsPerSecond: number | null }
  | { type: 'checked'; step: number; heldOut: number; pictures: Pictures; snapshot: Snapshot }
  | { type: 'drawn'; answer: Answer }
  | { type: 'stopped'; step: number }
  | { type: 'saved'; step: number }
  | { type: 'lost' }
  | { type: 'failed'; message: string };

/** Held-out digits, and what the model makes of them in inference. */
export interface Pictures {
  /** 28×28 values in [0, 1] each. */
  originals: Float32Array;
  /** What each of them shows. */
  digits: number[];
  answer: Answer;
}

/** What a model makes of images: codes and reconstructions, or the probability of each digit. */
export type Answer =
  | { model: 'autoencoder'; codes: Float32Array; images: Float32Array }
  | { model: 'resnet'; probabilities: Float32Array };

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
/** How many numbers the autoencoder makes of an image. */
export const CODE = 32;
export const DIGITS = 10;
