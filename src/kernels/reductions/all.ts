import { All } from '@tensorflow/tfjs-core';
import { ofNothing } from './ofNothing.js';

/** True where there is nothing. The rest is stock's. */
export const all = ofNothing(All, { bool: 1 });
