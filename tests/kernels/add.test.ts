import { add as kernel } from '../../src/kernels/add.js';
import { add as reference } from './reference/add.js';
import { describeBroadcast } from './support/binary.js';

describeBroadcast(kernel, reference);
