import {
  GatherNd,
  gatherND,
  reshape,
  ScatterNd,
  scatterND,
  type Tensor,
  util,
  zeros,
} from '@tensorflow/tfjs-core';
import type { Gradient } from './gradient.js';

/** Each element of dy goes back to where its value came from, and adds up there. Stock has no gradient. */
export const gatherNd: Gradient = {
  kernelName: GatherNd,
  saves: ['params', 'indices'],
  gradFunc: (dy, [params, indices]) => ({
    params: () => {
      const { shape } = params!;
      const places = placesOf(indices!, indices!.shape.at(-1)!);
      const [count, length] = places.shape as [number, number];
      return scatterND(places, reshape(dy, [count, ...shape.slice(length)]), shape);
    },
    indices: () => zeros(indices!.shape),
  }),
};

/** What was scattered is gathered. Stock has no gradient. */
export const scatterNd: Gradient = {
  kernelName: ScatterNd,
  saves: ['indices', 'updates'],
  gradFunc: (dy, [indices, updates]) => ({
    updates: () => {
      // Of rank 1, they are places along the first axis.
      const length = indices!.rank > 1 ? indices!.shape.at(-1)! : 1;
      return reshape(gatherND(dy, placesOf(indices!, length)), updates!.shape);
    },
    indices: () => zeros(indices!.shape),
  }),
};

/** Indices as a list of places. */
function placesOf(indices: Tensor, length: number): Tensor {
  return reshape(indices, [util.sizeFromShape(indices.shape) / length, length]);
}
