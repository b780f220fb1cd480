import type { Optimizer } from '@tensorflow/tfjs-core';
import { boolean, number, positiveInt } from '../core/args.js';
import type { DataSet } from './data.js';
import type { LossFunction } from './evaluate.js';
import type { EpochLogs } from './loopState.js';
import type { Schedule } from './schedules.js';

/** How far {@link trainLoop} is, after a step. */
export interface StepLogs {
  /** Counts from 1. */
  epoch: number;
  /** How many there will be. */
  epochs: number;
  /** Counts from 1 in each epoch. */
  step: number;
  /** How many an epoch has. */
  steps: number;
  /** The mean over the epoch so far. */
  loss: number;
  /** The mean over the epoch so far. */
  samplesPerSecond: number;
}

/** Options of {@link trainLoop}. */
export interface TrainLoopOptions extends DataSet {
  /** A mean over the samples, such as `tf.losses.meanSquaredError`. The model's own regularisation losses come on top. */
  loss: LossFunction;
  /** One of tfjs's optimizers, or of ours. */
  optimizer: Optimizer;
  /** How often to go through the data. */
  epochs: number;
  /** Samples of which a gradient is computed at once. Default 32. */
  batchSize?: number;
  /** Batches whose gradients make one step. Default 1. */
  accumulate?: number;
  /**
   * Whether steps are computed by a plan, as {@link PlannedStep} does: the loss must do the same in every step. Steps
   * of several batches are not. Default false.
   */
  planned?: boolean;
  /** The rate of each step. Default: the optimizer's own. */
  learningRate?: Schedule;
  /** The largest global norm of the gradients. Default: no limit. */
  clipNorm?: number;
  /** Data that is only looked at, in inference, after each epoch. Default none. */
  validation?: DataSet;
  /**
   * Stops when the validation loss (without validation data, the loss) has not fallen by more than
   * `minDelta` (default 0) for `patience` epochs. Default: never.
   */
  earlyStop?: { patience: number; minDelta?: number };
  /** Whether the model ends with the weights and averages of its best epoch. Default: whether `earlyStop` is given. */
  restoreBest?: boolean;
  /** Decides the order of the samples, an integer. Default 0. */
  seed?: number;
  /** Told after each step, and waited for. Default none. */
  onStep?: (logs: StepLogs) => unknown;
  /** Told after each epoch, and waited for. Default: prints a line. */
  onEpoch?: (logs: EpochLogs) => unknown;
  /** Receives a checkpoint after each epoch, and when `signal` stops the loop. Default none. */
  onCheckpoint?: (checkpoint: Uint8Array) => void | Promise<void>;
  /** A checkpoint to go on from. Default: start anew. */
  resume?: Uint8Array;
  /** Stops the loop after the step under way. Default none. */
  signal?: AbortSignal;
}

/** Checks the options and fills in the defaults. */
export function trainLoopOptions(options: TrainLoopOptions) {
  const owner = 'trainLoop';
  const { batchSize = 32, accumulate = 1, seed = 0, earlyStop, clipNorm } = options;
  if (earlyStop) {
    const { patience, minDelta = 0 } = earlyStop;
    positiveInt(owner, 'earlyStop.patience', patience);
    number(owner, 'earlyStop.minDelta', minDelta, 'a number ≥ 0', (delta) => delta >= 0);
  }
  if (clipNorm !== undefined) {
    number(owner, 'clipNorm', clipNorm, 'a positive number', (norm) => norm > 0);
  }
  return {
    ...options,
    epochs: positiveInt(owner, 'epochs', options.epochs),
    batchSize: positiveInt(owner, 'batchSize', batchSize),
    planned: boolean(owner, 'planned', options.planned ?? false),
    accumulate: positiveInt(owner, 'accumulate', accumulate),
    seed: number(owner, 'seed', seed, 'an integer', Number.isInteger),
    restoreBest: options.restoreBest ?? earlyStop !== undefined,
    onEpoch: options.onEpoch ?? printEpoch,
  };
}

function printEpoch({ epoch, loss, validationLoss }: EpochLogs): void {
  const validation = validationLoss === undefined ? '' : `, validation ${show(validationLoss)}`;
  console.log(`epoch ${epoch}: loss ${show(loss)}${validation}`);
}

function show(value: number): string {
  return value.toPrecision(4);
}
