import { setFma } from '../../src/kernels/runtime/fma.js';

setFma(false);
