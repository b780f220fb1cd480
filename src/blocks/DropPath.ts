import { mul, serialization, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { number } from '../core/args.js';
import type { Shape } from '../core/inputs.js';
import type { CallArgs, LayerArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';
import { random } from '../core/random.js';

/** Options of {@link DropPath}. */
export interface DropPathArgs extends LayerArgs {
  /** The share of the samples that are dropped, in [0, 1). */
  rate: number;
}

/**
 * Stochastic depth: `[b, …] → [b, …]`, in training each sample is zero with probability `rate` and
 * else `x / (1 − rate)`; in inference all are as they were. The library's random numbers decide,
 * which `setSeed` restarts.
 *
 * Source: Huang et al. 2016, "Deep Networks with Stochastic Depth".
 */
export class DropPath extends layers.Layer {
  static readonly className = 'Blocks.DropPath';

  readonly rate: number;

  constructor(args: DropPathArgs) {
    super({ ...args, name: args.name ?? uniqueName('drop_path') });
    this.rate = dropRate('DropPath', 'rate', args.rate);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(inputs: Tensor | Tensor[], { training }: CallArgs): Tensor {
    return tidy(() => {
      const [x] = [inputs].flat() as [Tensor];
      if (!training || this.rate === 0) return x;
      const [batch, ...rest] = x.shape as [number, ...number[]];
      const factors = Float32Array.from({ length: batch }, () =>
        random.next() < this.rate ? 0 : 1 / (1 - this.rate),
      );
      return mul(x, tensor(factors, [batch, ...rest.fill(1)]));
    });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/** A probability of dropping something, less than 1. */
export function dropRate(owner: string, option: string, value: unknown): number {
  return number(owner, option, value, 'in [0, 1)', (rate) => rate >= 0 && rate < 1);
}

serialization.registerClass(DropPath);
