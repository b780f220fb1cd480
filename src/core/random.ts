import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { number } from './args.js';

/**
 * A seeded source of random numbers whose state can be saved: xoroshiro128+ (Blackman and Vigna
 * 2018).
 */
export class Random {
  #generator;

  /** @param seed - An integer; equal seeds give equal numbers. */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** The next number in [0, 1), a multiple of 2⁻²⁴. */
  next(): number {
    return uniformFloat32(this.#generator);
  }

  /** A seed for a generator of tfjs: an integer in [1, 2³¹), for to tfjs 0 is none. */
  seed(): number {
    return uniformInt(this.#generator, 1, 2 ** 31 - 1);
  }

  /** The integers 0 … n − 1 in random order (Fisher and Yates 1938). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = uniformInt(this.#generator, 0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** Where the sequence stands; setting it goes on from there. */
  get state(): number[] {
    return [...this.#generator.getState()];
  }

  set state(state: readonly number[]) {
    this.#generator = xoroshiro128plusFromState(state);
  }
}

/**
 * The source that everything random in the library draws from: initial weights, stochastic depth and
 * dropout. {@link setSeed} restarts it.
 */
export const random = new Random(0);

/**
 * Restarts the library's random numbers, so that a run can be repeated: the initial weights of its
 * layers and builders and of layers with a `seeded` initializer, stochastic depth, and the dropout of
 * tf.layers in `trainLoop`. The same program then makes the same network.
 *
 * @param seed - An integer.
 * @throws OptionError For anything else.
 *
 * @example
 * ```ts
 * setSeed(1);
 * const model = resNetV1({ depth: 20 }); // the same weights in every run
 * ```
 */
export function setSeed(seed: number): void {
  random.state = new Random(number('setSeed', 'seed', seed, 'an integer', Number.isInteger)).state;
}
