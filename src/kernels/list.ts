import { conv2DBackpropFilter } from './conv2DBackpropFilter.js';
import { conv2DBackpropInput } from './conv2DBackpropInput.js';
import type { Kernel } from './kernel.js';

/** Every kernel that `registerKernels` brings. */
export const KERNELS: readonly Kernel[] = [conv2DBackpropFilter, conv2DBackpropInput];
