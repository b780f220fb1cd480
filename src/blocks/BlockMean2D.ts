import {
  addN,
  avgPool,
  mul,
  pad,
  serialization,
  slice,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { positiveInt } from '../core/args.js';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import type { LayerArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';

const OWNER = 'BlockMean2D';
const RANKS = [4];

/** Options of {@link BlockMean2D}. */
export interface BlockMean2DArgs extends LayerArgs {
  /** The height and width of a block, and the step from one to the next. Default 2. */
  size?: number;
  /**
   * Keep the size: a block at every pixel, of pixels so far apart. Every `size·rate`-th of them is
   * what the blocks of an image are, of which every `rate`-th pixel was taken. Default: blocks side
   * by side.
   */
  dilationRate?: number | null;
}

/**
 * The mean of each block of pixels, at the borders of those inside the image:
 * `[b, h, w, c] → [b, ⌈h/s⌉, ⌈w/s⌉, c]`. As average pooling with SAME padding, whose gradient in
 * tfjs divides by pixels that are not there.
 *
 * Source: He et al. 2019, "Bag of Tricks for Image Classification", ResNet-D.
 */
export class BlockMean2D extends layers.Layer {
  static readonly className = 'Blocks.BlockMean2D';

  readonly size: number;
  readonly dilationRate: number | null;

  constructor(args: BlockMean2DArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('block_mean2d') });
    const { size = 2, dilationRate } = args;
    this.size = positiveInt(OWNER, 'size', size);
    this.dilationRate =
      dilationRate == null ? null : positiveInt(OWNER, 'dilationRate', dilationRate);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, height, width, channels] = oneShape(OWNER, inputShape, RANKS) as Shape;
    const length = (n: number | null) => (n === null ? null : Math.ceil(n / this.#step));
    return [batch!, length(height!), length(width!), channels!];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = oneInput(`${OWNER} '${this.name}'`, inputs, RANKS) as Tensor4D;
      const { size, dilationRate: rate } = this;
      const means = rate === null ? meansSideBySide(x, size) : meansAnywhere(x, size, rate);
      return this.#insideOnly(means, x.shape);
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), size: this.size, dilationRate: this.dilationRate };
  }

  get #step(): number {
    return this.dilationRate === null ? this.size : 1;
  }

  /** Scales up the means of blocks that reach beyond the image, where zeros were counted. */
  #insideOnly(means: Tensor, [, h, w]: Tensor4D['shape']): Tensor {
    const factors = [h, w].map((n, axis) => {
      const count = means.shape[axis + 1]!;
      return Float32Array.from({ length: count }, (_, i) => {
        const inside = Math.ceil((n - i * this.#step) / (this.dilationRate ?? 1));
        return this.size / Math.min(this.size, inside);
      });
    }) as [Float32Array, Float32Array];
    if (factors.every((line) => line.every((factor) => factor === 1))) return means;
    const rows = tensor(factors[0], [1, factors[0].length, 1, 1]);
    return mul(mul(means, rows), tensor(factors[1], [1, 1, factors[1].length, 1]));
  }
}

function meansSideBySide(x: Tensor4D, size: number): Tensor4D {
  const after = (n: number): [number, number] => [0, Math.ceil(n / size) * size - n];
  const full = pad(x, [[0, 0], after(x.shape[1]), after(x.shape[2]), [0, 0]]);
  return avgPool(full, size, size, 'valid');
}

function meansAnywhere(x: Tensor4D, size: number, rate: number): Tensor4D {
  return mul(sumApart(sumApart(x, 1, size, rate), 2, size, rate), 1 / size ** 2);
}

/** Sums so many pixels from each on along an axis, so far apart, and zeros beyond the border. */
function sumApart(x: Tensor4D, axis: 1 | 2, count: number, rate: number): Tensor4D {
  const after: [number, number] = [0, (count - 1) * rate];
  const full = pad(x, [[0, 0], axis === 1 ? after : [0, 0], axis === 2 ? after : [0, 0], [0, 0]]);
  const parts = Array.from({ length: count }, (_, i) => {
    const begin = [0, 0, 0, 0];
    begin[axis] = i * rate;
    return slice(full, begin, x.shape);
  });
  return addN(parts);
}

serialization.registerClass(BlockMean2D);
