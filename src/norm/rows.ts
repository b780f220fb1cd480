import {
  broadcastTo,
  cast,
  mul,
  reshape,
  type Tensor,
  type Tensor2D,
  transpose,
} from '@tensorflow/tfjs-core';
import { OptionError, show } from '../core/args.js';

/** One row per place and one column per channel: `[…, c, …] → [m, c]`, channels at `axis`. */
export function toRows(x: Tensor, axis: number): Tensor2D {
  const last = x.rank - 1;
  const moved = axis === last ? x : transpose(x, axisLast(x.rank, axis));
  return reshape(moved, [-1, x.shape[axis]!]);
}

/** The inverse of {@link toRows}: `[m, c]` back to `shape`. */
export function fromRows(rows: Tensor2D, shape: number[], axis: number): Tensor {
  const last = shape.length - 1;
  if (axis === last) return reshape(rows, shape);
  const order = axisLast(shape.length, axis);
  const back = shape.map((_, i) => order.indexOf(i));
  return transpose(
    reshape(
      rows,
      order.map((i) => shape[i]!),
    ),
    back,
  );
}

/**
 * Sample weights and a mask as one weight per row, `[m, 1]`; undefined when there are neither.
 *
 * Weights follow the leading axes of x (`[b]`, `[b, h, w]`, `[b, 1, 1, 1]`, …) and broadcast over
 * the rest. A mask counts when its shape is exactly that of leading axes of x before the channels:
 * tfjs also hands a layer masks that belong to layers before it.
 */
export function rowWeights(
  owner: string,
  x: Tensor,
  axis: number,
  { weights, mask }: { weights?: Tensor; mask?: Tensor },
): Tensor2D | undefined {
  const places = x.shape.map((size, i) => (i === axis ? 1 : size));
  const spread = (t: Tensor): Tensor2D => {
    const padded = [...t.shape, ...places.slice(t.rank).fill(1)];
    return reshape(broadcastTo(reshape(cast(t, 'float32'), padded), places), [-1, 1]);
  };
  if (weights && !follows(weights.shape, places)) {
    throw new OptionError(
      `${owner}: weights must follow the leading axes of ${show(places)}, got ${show(weights.shape)}`,
    );
  }
  const masks = mask && mask.rank <= axis && mask.shape.every((size, i) => size === x.shape[i]);
  const parts = [...(weights ? [weights] : []), ...(masks ? [mask] : [])].map(spread);
  return parts.length === 2 ? mul(parts[0]!, parts[1]!) : parts[0];
}

function follows(shape: number[], places: number[]): boolean {
  return shape.length <= places.length && shape.every((n, i) => n === 1 || n === places[i]);
}

function axisLast(rank: number, axis: number): number[] {
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  return [...others, axis];
}
