import { serialization } from '@tensorflow/tfjs-core';
import { uniqueName } from '../core/names.js';
import { ResidualBlock } from './ResidualBlock.js';
import { type ResidualArgs, residualOptions } from './residualOptions.js';

/** Options of {@link Bottleneck}. */
export interface BottleneckArgs extends ResidualArgs {
  /**
   * How many times fewer channels there are between the convolutions; divides `filters`. Default 4.
   */
  expansion?: number;
  /** Which convolution has the strides: the first 1×1, or the 3×3. Default `'second'`. */
  strideOn?: 'first' | 'second';
}

/**
 * A residual bottleneck: `[b, h, w, c] → [b, ⌈h/s⌉, ⌈w/s⌉, filters]`, the shortcut plus a 1×1, a 3×3
 * and a 1×1 convolution, each with batch normalisation.
 *
 * The layers inside are `conv1 … conv3`, `bn1 … bn3`, `shortcut_conv`, `shortcut_bn`; see
 * {@link inner}. Before normalisation (`preActivation`) `bn1` is the one before `conv1`.
 *
 * @throws {@link OptionError} for an option out of its range, an input of another rank, or of a
 * number of channels that the shortcut can't take.
 *
 * @example
 * ```ts
 * new Bottleneck({ filters: 256 });                                      // [b, 56, 56, 64] → [b, 56, 56, 256]
 * new Bottleneck({ filters: 512, strides: 2, shortcut: 'avgProjection' }); // → [b, 28, 28, 512]
 * ```
 *
 * Source: He et al. 2015, "Deep Residual Learning for Image Recognition"; He et al. 2016,
 * "Identity Mappings in Deep Residual Networks".
 */
export class Bottleneck extends ResidualBlock {
  /** Its name in saved models. */
  static readonly className = 'Blocks.Bottleneck';

  constructor(args: BottleneckArgs) {
    const { expansion = 4, strideOn = 'second' } = args;
    const options = residualOptions('Bottleneck', { ...args, expansion, strideOn });
    super(
      'Bottleneck',
      { ...args, name: args.name ?? uniqueName('bottleneck') },
      options,
      [1, 3, 1],
    );
  }
}

serialization.registerClass(Bottleneck);
