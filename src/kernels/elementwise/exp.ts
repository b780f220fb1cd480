import { Exp } from '@tensorflow/tfjs-core';
import { elementary } from './elementary.js';

/** e^x. */
export const exp = elementary(Exp, 'exp');
