import { multiply as kernel } from '../../src/kernels/elementwise/multiply.js';
import { multiply as reference } from './reference/multiply.js';
import { describeBinary, describeLeft } from './support/binary.js';

describeBinary(kernel, reference);
describeLeft(kernel);
