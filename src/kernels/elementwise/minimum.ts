import { Minimum } from '@tensorflow/tfjs-core';
import { binary } from './binary.js';

/** The smaller of a and b; NaN where one is, of which stock loses b's. */
export const minimum = binary(Minimum, 'minimum');
