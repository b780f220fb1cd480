import { Softplus } from '@tensorflow/tfjs-core';
import { elementary } from './elementary.js';

/** ln(1 + e^x). */
export const softplus = elementary(Softplus, 'softplus');
