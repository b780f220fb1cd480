import { oneOf, positivePair } from '../core/args.js';
import type { LayerArgs } from '../core/layer.js';
import type { PoolPadding } from './windows.js';

/** Options of a max pooling and of its reversal: those of tf.layers, with its defaults. */
export interface PoolArgs extends LayerArgs {
  /** Height and width of a window, or one number for both. Default 2. */
  poolSize?: number | [number, number];
  /** The steps in height and width, or one number for both. Default `poolSize`. */
  strides?: number | [number, number] | null;
  /**
   * `'valid'`: windows inside the image only; `'same'`: also across its borders, where TensorFlow puts
   * them by the size of the image; `'explicit'`: the same with `⌊(poolSize − 1)/2⌋` pixels before the
   * image whatever its size, as torch's `padding`. Default `'valid'`.
   */
  padding?: Exclude<PoolPadding, 'end'>;
}

/** The options of a pooling in canonical form. */
export interface PoolOptions {
  readonly poolSize: [number, number];
  readonly strides: [number, number];
  readonly padding: Exclude<PoolPadding, 'end'>;
}

/** Checks the options and fills in the defaults. */
export function poolOptions(owner: string, args: PoolArgs): PoolOptions {
  const { poolSize = 2, strides, padding = 'valid' } = args;
  return {
    poolSize: positivePair(owner, 'poolSize', poolSize),
    strides: positivePair(owner, 'strides', strides ?? poolSize),
    padding: oneOf(owner, 'padding', padding, ['same', 'valid', 'explicit']),
  };
}
