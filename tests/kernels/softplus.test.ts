import { softplus as kernel } from '../../src/kernels/elementwise/softplus.js';
import { softplus as reference } from './reference/softplus.js';
import { describeElementary } from './support/elementary.js';

describeElementary(kernel, reference);
