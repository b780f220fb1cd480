import {
  pad,
  reshape,
  serialization,
  slice,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { positiveInt } from '../core/args.js';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import type { LayerArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';

const OWNER = 'Subsample2D';
const RANKS = [4];

/** Options of {@link Subsample2D}. */
export interface Subsample2DArgs extends LayerArgs {
  /** Which rows and columns stay: every so many. Default 1. */
  strides?: number;
  /** The number of output channels, at least those of the input. Default: those of the input. */
  filters?: number | null;
}

/**
 * Every `strides`-th row and column, and zeros for new channels:
 * `[b, h, w, c] → [b, ⌈h/s⌉, ⌈w/s⌉, filters]`. The shortcut without parameters: tf-slim's and
 * Keras's max pooling of single pixels, which WASM refuses.
 *
 * Source: He et al. 2015, "Deep Residual Learning for Image Recognition", section 3.3, option A.
 */
export class Subsample2D extends layers.Layer {
  static readonly className = 'Blocks.Subsample2D';

  readonly strides: number;
  readonly filters: number | null;

  constructor(args: Subsample2DArgs = {}) {
    super({ ...args, name: args.name ?? uniqueName('subsample2d') });
    const { strides = 1, filters } = args;
    this.strides = positiveInt(OWNER, 'strides', strides);
    this.filters = filters == null ? null : positiveInt(OWNER, 'filters', filters);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, ...size] = oneShape(OWNER, inputShape, RANKS);
    const channels = size.pop()!;
    const [height, width] = size.map((n) => (n === null ? null : Math.ceil(n / this.strides)));
    return [batch!, height!, width!, this.filters ?? channels];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = oneInput(`${OWNER} '${this.name}'`, inputs, RANKS) as Tensor4D;
      const fewer = this.strides === 1 ? x : subsample(x, this.strides);
      const missing = (this.filters ?? 0) - x.shape[3];
      if (missing <= 0) return fewer;
      return pad(fewer, [...Array(3).fill([0, 0]), [0, missing]]);
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), strides: this.strides, filters: this.filters };
  }
}

/** Whole rows and whole pixels are sliced: strided slices are slow and have no gradient. */
function subsample(x: Tensor4D, stride: number): Tensor4D {
  const [b, h, w, c] = x.shape;
  const [height, width] = [Math.ceil(h / stride), Math.ceil(w / stride)];
  const rows = everyNth(reshape(x, [b, h, w * c]), stride);
  return reshape(everyNth(reshape(rows, [b * height, w, c]), stride), [b, height, width, c]);
}

/** Every so many entries of axis 1 of three, with the first two axes joined. */
function everyNth(x: Tensor, stride: number): Tensor {
  const [outer, length, inner] = x.shape as [number, number, number];
  const count = Math.ceil(length / stride);
  const missing = count * stride - length;
  const full =
    missing === 0
      ? x
      : pad(x, [
          [0, 0],
          [0, missing],
          [0, 0],
        ]);
  const groups = reshape(full, [outer * count, stride * inner]);
  return slice(groups, [0, 0], [outer * count, inner]);
}

serialization.registerClass(Subsample2D);
