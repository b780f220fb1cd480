import { max as kernel } from '../../src/kernels/reductions/max.js';
import { max as reference } from './reference/max.js';
import { describeOfNothing } from './support/ofNothing.js';

describeOfNothing(kernel, reference);
