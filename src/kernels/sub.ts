import { Sub } from '@tensorflow/tfjs-core';
import { broadcastBinary } from './binary.js';

/** a − b, where one is repeated over the other's leading axes. */
export const sub = broadcastBinary(Sub, 'sub');
