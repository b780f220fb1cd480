import { serialization } from '@tensorflow/tfjs-core';
import { uniqueName } from '../core/names.js';
import { ResidualBlock } from './ResidualBlock.js';
import { type ResidualArgs, residualOptions } from './residualOptions.js';

/** Options of {@link BasicBlock}. */
export interface BasicBlockArgs extends ResidualArgs {
  /**
   * How many times fewer channels there are between the convolutions; divides `filters`. Default 1.
   */
  expansion?: number;
  /** Which convolution has the strides. Default `'first'`. */
  strideOn?: 'first' | 'second';
}

/**
 * A basic residual block: `[b, h, w, c] → [b, ⌈h/s⌉, ⌈w/s⌉, filters]`, the shortcut plus two 3×3
 * convolutions, each with batch normalisation.
 *
 * The layers inside are `conv1`, `conv2`, `bn1`, `bn2`, `shortcut_conv`, `shortcut_bn`; see
 * {@link inner}. Before normalisation (`preActivation`) `bn1` is the one before `conv1`.
 *
 * @throws {@link OptionError} for an option out of its range, an input of another rank, or of a
 * number of channels that the shortcut can't take.
 *
 * @example
 * ```ts
 * new BasicBlock({ filters: 64 });             // [b, 56, 56, 64] → [b, 56, 56, 64]
 * new BasicBlock({ filters: 128, strides: 2 }); // → [b, 28, 28, 128]
 * ```
 *
 * Source: He et al. 2015, "Deep Residual Learning for Image Recognition"; He et al. 2016,
 * "Identity Mappings in Deep Residual Networks".
 */
export class BasicBlock extends ResidualBlock {
  /** Its name in saved models. */
  static readonly className = 'Blocks.BasicBlock';

  constructor(args: BasicBlockArgs) {
    const { expansion = 1, strideOn = 'first' } = args;
    const options = residualOptions('BasicBlock', { ...args, expansion, strideOn });
    super('BasicBlock', { ...args, name: args.name ?? uniqueName('basic_block') }, options, [3, 3]);
  }
}

serialization.registerClass(BasicBlock);
