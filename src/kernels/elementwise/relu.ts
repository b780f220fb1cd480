import { Relu } from '@tensorflow/tfjs-core';
import { clipping } from './clipByValue.js';

/** max(x, 0); NaN stays NaN. */
export const relu = clipping(Relu, [0, Number.POSITIVE_INFINITY]);
