import { relu6 as kernel } from '../../src/kernels/elementwise/relu6.js';
import { relu6 as reference } from './reference/relu6.js';
import { describeExact } from './support/exact.js';

describeExact(kernel, reference);
