import { Add } from '@tensorflow/tfjs-core';
import { binary } from './binary.js';

/** a + b, of one shape or where one is repeated over the other's leading axes. */
export const add = binary(Add, 'add');
