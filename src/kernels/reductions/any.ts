import { Any } from '@tensorflow/tfjs-core';
import { ofNothing } from './ofNothing.js';

/** False where there is nothing. The rest is stock's. */
export const any = ofNothing(Any, { bool: 0 });
