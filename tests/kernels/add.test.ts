import { add as kernel } from '../../src/kernels/elementwise/add.js';
import { add as reference } from './reference/add.js';
import { describeBinary, describeLeft } from './support/binary.js';

describeBinary(kernel, reference);
describeLeft(kernel);
