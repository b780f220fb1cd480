import { Maximum } from '@tensorflow/tfjs-core';
import { binary } from './binary.js';

/** The larger of a and b; NaN where one is, of which stock loses b's. */
export const maximum = binary(Maximum, 'maximum');
