import { Min } from '@tensorflow/tfjs-core';
import { ofNothing } from './ofNothing.js';

/** ∞, or the largest integer, where there is nothing. The rest is stock's. */
export const min = ofNothing(Min, { float32: Number.POSITIVE_INFINITY, int32: 2 ** 31 - 1 });
