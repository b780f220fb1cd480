import { sub as kernel } from '../../src/kernels/elementwise/sub.js';
import { sub as reference } from './reference/sub.js';
import { describeBinary, describeLeft } from './support/binary.js';

describeBinary(kernel, reference);
describeLeft(kernel);
