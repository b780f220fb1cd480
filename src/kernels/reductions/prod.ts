import { Prod } from '@tensorflow/tfjs-core';
import { ofNothing } from './ofNothing.js';

/** 1 where there is nothing. The rest is stock's. */
export const prod = ofNothing(Prod, { float32: 1, int32: 1 });
