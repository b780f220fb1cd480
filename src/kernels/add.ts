import { Add } from '@tensorflow/tfjs-core';
import { broadcastBinary } from './binary.js';

/** a + b, where one is repeated over the other's leading axes. */
export const add = broadcastBinary(Add, 'add');
