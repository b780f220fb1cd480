import { min as kernel } from '../../src/kernels/reductions/min.js';
import { min as reference } from './reference/min.js';
import { describeOfNothing } from './support/ofNothing.js';

describeOfNothing(kernel, reference);
