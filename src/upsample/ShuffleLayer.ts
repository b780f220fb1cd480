import type { serialization } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { oneOf, positivePair, refuse } from '../core/args.js';
import type { LayerArgs } from '../core/layer.js';
import { ORDERS, type ShuffleOrder } from './shuffle.js';

/** Options of {@link PixelShuffle2D} and {@link PixelUnshuffle2D}. */
export interface ShuffleArgs extends LayerArgs {
  /** Height and width of a block, or one number for both. Default 2. */
  size?: number | [number, number];
  /**
   * Which channel holds pixel (i, j) of the r×s block of channel k of c. `'tensorflow'`:
   * `(i·s + j)·c + k`, as `depth_to_space`. `'torch'`: `(k·r + i)·s + j`, as `PixelShuffle`.
   * Default `'tensorflow'`.
   */
  order?: ShuffleOrder;
}

/** The options of {@link PixelShuffle2D} and {@link PixelUnshuffle2D} in canonical form. */
export interface ShuffleOptions {
  readonly size: [number, number];
  readonly order: ShuffleOrder;
}

/** What depth to space and space to depth share: the options, and sizes that are whole blocks. */
export abstract class ShuffleLayer extends layers.Layer {
  /** The options, with defaults filled in. */
  readonly options: ShuffleOptions;

  readonly #owner: string;

  /** @param owner what error messages call the layer */
  constructor(owner: string, args: ShuffleArgs) {
    super(args);
    const { size = 2, order = 'tensorflow' } = args;
    this.#owner = owner;
    this.options = {
      size: positivePair(owner, 'size', size),
      order: oneOf(owner, 'order', order, ORDERS),
    };
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }

  /** What messages about a call begin with. */
  protected get who(): string {
    return `${this.#owner} '${this.name}'`;
  }

  /** How often a length holds a factor; null where it isn't known. */
  protected quotient(what: string, length: number | null, factor: number): number | null {
    if (length === null) return null;
    if (length % factor !== 0)
      refuse(this.who, `the input's ${what}`, `a multiple of ${factor}`, length);
    return length / factor;
  }
}
