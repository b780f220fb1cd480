import { maximum as kernel } from '../../src/kernels/elementwise/maximum.js';
import { maximum as reference } from './reference/maximum.js';
import { describeBinary, describeEveryBroadcast } from './support/binary.js';

describeBinary(kernel, reference);
describeEveryBroadcast(kernel, reference);
