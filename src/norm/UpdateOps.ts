import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { disposeStatistics, joinKept, type Statistics } from './statistics.js';

/** A layer whose moving averages update ops move. */
export interface StatisticsOwner {
  /** The new values of its averages; nothing is written yet. */
  stage(statistics: Statistics): [variable: LayerVariable, value: Tensor][];
  /** Told when its op, made by so many calls, has been run or dropped. */
  settle(calls: number, ran: boolean): void;
}

interface Op {
  statistics: Statistics;
  calls: number;
}

/**
 * Update ops of batch normalisation that wait to be run, one for each layer.
 *
 * A layer that was called several times has one op all the same, made of the statistics of those
 * batches taken together: accumulating gradients over small batches moves the averages exactly as
 * one large batch would, and once.
 *
 * @example
 * ```ts
 * const { result, updates } = withUpdates(() => model.apply(x, { training: true }));
 * updates.run(); // or updates.dispose()
 * ```
 */
export class UpdateOps {
  /**
   * The ops that layers with `updates: 'deferred'` made outside of any `withUpdates`: what
   * TensorFlow 1 keeps in its `UPDATE_OPS` collection.
   */
  static readonly pending = new UpdateOps();

  readonly #ops = new Map<StatisticsOwner, Op>();

  /** The number of layers with an op that waits. */
  get size(): number {
    return this.#ops.size;
  }

  /**
   * Moves the averages of every layer once; afterwards nothing waits any more.
   *
   * @throws when a layer has been disposed meanwhile; then no layer's averages have moved.
   */
  run(): void {
    tidy(() => {
      const staged = [...this.#ops].flatMap(([owner, op]) => owner.stage(op.statistics));
      for (const [variable, value] of staged) variable.write(value);
    });
    this.#settle(true);
  }

  /** Drops the ops: no average moves. */
  dispose(): void {
    this.#settle(false);
  }

  /** Takes over the statistics of one call. @internal */
  add(owner: StatisticsOwner, statistics: Statistics): void {
    const op = this.#ops.get(owner);
    this.#ops.set(owner, {
      statistics: op ? joinKept(op.statistics, statistics) : statistics,
      calls: (op?.calls ?? 0) + 1,
    });
  }

  /** Drops the op of one layer, if it has one. @internal */
  drop(owner: StatisticsOwner): void {
    const op = this.#ops.get(owner);
    if (op) disposeStatistics(op.statistics);
    this.#ops.delete(owner);
  }

  #settle(ran: boolean): void {
    for (const [owner, { statistics, calls }] of this.#ops) {
      disposeStatistics(statistics);
      owner.settle(calls, ran);
    }
    this.#ops.clear();
  }
}
