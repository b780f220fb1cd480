import { exp as kernel } from '../../src/kernels/exp.js';
import { exp as reference } from './reference/exp.js';
import { describeElementary } from './support/elementary.js';

describeElementary(kernel, reference);
