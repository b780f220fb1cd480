import { Tanh } from '@tensorflow/tfjs-core';
import { elementary } from './elementary.js';

/** The hyperbolic tangent. */
export const tanh = elementary(Tanh, 'tanh');
