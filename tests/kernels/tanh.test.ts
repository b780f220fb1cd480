import { tanh as kernel } from '../../src/kernels/elementwise/tanh.js';
import { tanh as reference } from './reference/tanh.js';
import { describeElementary } from './support/elementary.js';

describeElementary(kernel, reference);
