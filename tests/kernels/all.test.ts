import { all as kernel } from '../../src/kernels/reductions/all.js';
import { all as reference } from './reference/all.js';
import { describeOfNothing } from './support/ofNothing.js';

describeOfNothing(kernel, reference);
