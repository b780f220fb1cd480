import { relu as kernel } from '../../src/kernels/elementwise/relu.js';
import { relu as reference } from './reference/relu.js';
import { describeExact } from './support/exact.js';

describeExact(kernel, reference);
