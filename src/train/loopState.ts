import { clone, dispose, type Optimizer, type Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { OptionError, show } from '../core/args.js';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import { type NamedTensor, optimizerState, setOptimizerState } from './optimizerState.js';

/** What is known at the end of an epoch. */
export interface EpochLogs {
  /** Counts from 1. */
  epoch: number;
  /** The mean over the epoch's samples, each as its step saw it, in training mode. */
  loss: number;
  /** The mean over the validation data, in inference. */
  validationLoss?: number;
}

/** Where a training loop stands, apart from the tensors. */
export interface LoopState {
  /** Epochs done. */
  epoch: number;
  /** Steps done in the epoch under way. */
  step: number;
  /** Steps done in all. */
  totalSteps: number;
  /** The state of the random order at the beginning of the epoch. */
  order: number[];
  /** The state of the random numbers that layers draw. */
  random: number[];
  lossSum: number;
  history: EpochLogs[];
  best: { epoch: number; value: number } | null;
}

/** A training loop that can be written down: its state, the model, the optimizer, the best weights. */
export interface Loop {
  state: LoopState;
  /** The weights of the best epoch, owned by the loop. */
  bestWeights: Tensor[];
}

/** What a checkpoint holds beside the tensors. */
interface SavedState extends LoopState {
  /** The class of the optimizer. */
  optimizer: string;
}

/** A loop as a checkpoint, which {@link restoreLoop} goes on from bit for bit. */
export async function saveLoop(
  { state, bestWeights }: Loop,
  model: LayersModel,
  optimizer: Optimizer,
): Promise<Uint8Array> {
  const ofOptimizer = await optimizerState(optimizer);
  const saved: SavedState = { ...state, optimizer: optimizer.getClassName() };
  const bytes = await encodeCheckpoint(saved, [
    ...numbered('model', model.getWeights()),
    ...numbered('best', bestWeights),
    ...ofOptimizer.map(({ name, tensor }) => ({ name: `optimizer/${name}`, tensor })),
  ]);
  // The count of iterations is made for the occasion, the rest belongs to the optimizer.
  dispose(ofOptimizer.filter(({ name }) => name === 'iter').map(({ tensor }) => tensor));
  return bytes;
}

/**
 * Sets a model and an optimizer to a checkpoint.
 *
 * @throws {@link OptionError} when the checkpoint is of another model or optimizer; nothing has changed
 * then.
 */
export async function restoreLoop(
  bytes: Uint8Array,
  model: LayersModel,
  optimizer: Optimizer,
): Promise<Loop> {
  const { state: saved, tensors } = decodeCheckpoint<SavedState>(bytes);
  const named = (kind: string): NamedTensor[] =>
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(`${kind}/`))
      .map(([name, tensor]) => ({ name: name.slice(kind.length + 1), tensor }));
  try {
    const weights = named('model').map(({ tensor }) => tensor);
    const { optimizer: itsOptimizer, ...state } = saved;
    checkShapes(weights, model.getWeights());
    checkOptimizer(itsOptimizer, optimizer.getClassName());
    model.setWeights(weights);
    await setOptimizerState(optimizer, named('optimizer'));
    return { state, bestWeights: named('best').map(({ tensor }) => clone(tensor)) };
  } finally {
    dispose(tensors);
  }
}

function checkShapes(saved: Tensor[], own: Tensor[]): void {
  const [theirs, ours] = [saved, own].map((weights) => show(weights.map((w) => w.shape)));
  if (theirs === ours) return;
  throw new OptionError(
    `trainLoop: the checkpoint to resume from must be of this model, with weights of shapes ${ours}, got ${theirs}`,
  );
}

function checkOptimizer(saved: string, own: string): void {
  if (saved === own) return;
  throw new OptionError(
    `trainLoop: the checkpoint to resume from must be of this optimizer, ${own}, got ${saved}`,
  );
}

function numbered(kind: string, tensors: Tensor[]): NamedTensor[] {
  return tensors.map((tensor, i) => ({ name: `${kind}/${i}`, tensor }));
}
