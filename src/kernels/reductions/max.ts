import { Max } from '@tensorflow/tfjs-core';
import { ofNothing } from './ofNothing.js';

/** −∞, or the least integer, where there is nothing. The rest is stock's. */
export const max = ofNothing(Max, {
  float32: Number.NEGATIVE_INFINITY,
  int32: -(2 ** 31),
});
