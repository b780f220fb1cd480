import { prod as kernel } from '../../src/kernels/reductions/prod.js';
import { prod as reference } from './reference/prod.js';
import { describeOfNothing } from './support/ofNothing.js';

describeOfNothing(kernel, reference);
