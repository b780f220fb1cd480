import { exp as kernel } from '../../src/kernels/elementwise/exp.js';
import { exp as reference } from './reference/exp.js';
import { describeElementary } from './support/elementary.js';

describeElementary(kernel, reference);
