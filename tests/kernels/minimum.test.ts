import { minimum as kernel } from '../../src/kernels/elementwise/minimum.js';
import { minimum as reference } from './reference/minimum.js';
import { describeBinary, describeEveryBroadcast } from './support/binary.js';

describeBinary(kernel, reference);
describeEveryBroadcast(kernel, reference);
