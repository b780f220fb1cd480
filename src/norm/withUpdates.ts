import { OptionError } from '../core/args.js';
import { UpdateOps } from './UpdateOps.js';

const collectors: UpdateOps[] = [];

/** The collection of the innermost `withUpdates` that is running, if any. */
export function activeUpdates(): UpdateOps | undefined {
  return collectors.at(-1);
}

/**
 * Calls `fn` and holds back the update ops of every `BatchNorm` called inside, whatever its
 * `updates` option: the caller decides when the moving averages move, or that they don't.
 *
 * @param fn - Synchronous. When it throws, the ops are dropped and the error goes on.
 * @returns The result of `fn`, and the ops: call `updates.run()` or `updates.dispose()`.
 * @throws when `fn` returns a promise.
 *
 * @example
 * A discriminator that judges generated images moves no averages:
 * ```ts
 * const { result: verdict, updates } = withUpdates(() =>
 *   discriminator.apply(generated, { training: true }),
 * );
 * updates.dispose();
 * ```
 */
export function withUpdates<T>(fn: () => T): { result: T; updates: UpdateOps } {
  const updates = new UpdateOps();
  collectors.push(updates);
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new OptionError('withUpdates: fn must be synchronous, got a promise');
    }
    return { result, updates };
  } catch (error) {
    updates.dispose();
    throw error;
  } finally {
    collectors.pop();
  }
}
