// A process that works on two threads and should then end by itself, in the state that it is told.
import {
  conv2d,
  engine,
  grad,
  ones,
  removeBackend,
  sum,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/index.js';
import { registerKernels } from '../../src/kernels/index.js';
import { sharing } from '../../src/kernels/runtime/functions.js';

const [state] = process.argv.slice(2);
sharing.threshold = 0;
const { threads } = await useBackend({ threads: 2 });
const work = () =>
  tidy(() => {
    const x = tensor4d([0, 1, 2, 3], [1, 2, 2, 1]);
    const loss = (w: Tensor4D) => sum(conv2d(x, w, 1, 'same'));
    return grad(loss as never)(ones([1, 1, 1, 1])).dataSync()[0];
  });
const result = work();
if (state === 'removed') removeBackend('wasm');
if (state === 'reset') engine().reset();
if (state === 'registerKernels') registerKernels()();
console.log(JSON.stringify({ threads, sum: result }));
// The threads look for work for a moment longer.
if (state === 'busy') for (let i = 0; i < 50; i++) work();
