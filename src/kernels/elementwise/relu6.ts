import { Relu6 } from '@tensorflow/tfjs-core';
import { clipping } from './clipByValue.js';

/** x kept within 0 and 6; NaN stays NaN. */
export const relu6 = clipping(Relu6, [0, 6]);
