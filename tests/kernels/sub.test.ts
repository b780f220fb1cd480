import { sub as kernel } from '../../src/kernels/sub.js';
import { sub as reference } from './reference/sub.js';
import { describeBroadcast } from './support/binary.js';

describeBroadcast(kernel, reference);
