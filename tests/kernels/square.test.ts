import { square as kernel } from '../../src/kernels/square.js';
import { square as reference } from './reference/square.js';
import { describeExact } from './support/exact.js';

describeExact(kernel, reference);
