import { multiply as kernel } from '../../src/kernels/multiply.js';
import { multiply as reference } from './reference/multiply.js';
import { describeBroadcast } from './support/binary.js';

describeBroadcast(kernel, reference);
