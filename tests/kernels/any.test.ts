import { any as kernel } from '../../src/kernels/reductions/any.js';
import { any as reference } from './reference/any.js';
import { describeOfNothing } from './support/ofNothing.js';

describeOfNothing(kernel, reference);
