import { setFma } from '../../src/kernels/fma.js';

setFma(false);
