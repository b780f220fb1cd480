import { backend_util } from '@tensorflow/tfjs-core';
import { noise } from '../../support/float64.js';
import { explicit } from './convCases.js';

type Pair = [number, number];

export interface DepthwiseCase {
  title: string;
  x: [number, number, number, number];
  filter: [number, number, number, number];
  y: [number, number, number, number];
  stride: Pair;
  before: Pair;
  dilation: Pair;
  attrs: {
    strides: Pair;
    dilations: Pair;
    pad: 'same' | 'valid' | backend_util.ExplicitPadding;
    dimRoundingMode: 'floor';
  };
}

export function depthwiseCase(
  x: DepthwiseCase['x'],
  multiplier: number,
  kernel: Pair,
  stride: Pair,
  pad: DepthwiseCase['attrs']['pad'],
  dilation: Pair = [1, 1],
): DepthwiseCase {
  const filter: DepthwiseCase['filter'] = [...kernel, x[3], multiplier];
  const info = backend_util.computeConv2DInfo(x, filter, stride, dilation, pad, 'floor', true);
  return {
    title: `[${x}] × ${multiplier}, ${kernel.join('×')} stride ${stride} ${JSON.stringify(pad)}`,
    ...{ x, filter, y: info.outShape as DepthwiseCase['y'], stride },
    before: [info.padInfo.top, info.padInfo.left],
    dilation,
    attrs: { strides: stride, dilations: dilation, pad, dimRoundingMode: 'floor' },
  };
}

/** Every kernel, stride and padding, channels at the edges of a vector, and several per channel. */
export function depthwiseCases(): DepthwiseCase[] {
  const cases: DepthwiseCase[] = [];
  for (const k of [1, 2, 3, 5]) {
    for (const s of [1, 2, 3]) {
      for (const pad of ['same', 'valid', explicit(2, 1, 0, 3)] as const) {
        cases.push(depthwiseCase([2, 7, 9, 5], 1, [k, k], [s, s], pad));
        cases.push(depthwiseCase([1, 6, 5, 4], 2, [k, 2], [s, 1], pad));
      }
    }
  }
  for (const channels of [1, 3, 4, 5, 7, 8, 9, 39]) {
    for (const m of [1, 3]) {
      cases.push(depthwiseCase([3, 4, 5, channels], m, [3, 3], [1, 1], 'same'));
    }
  }
  cases.push(depthwiseCase([2, 1, 1, 4], 1, [3, 3], [1, 1], 'same'));
  return cases;
}

/** What gradients refuse or needn't know: dilation, and so many channels that they come in blocks. */
export function forwardCases(): DepthwiseCase[] {
  const cases: DepthwiseCase[] = [];
  for (const pad of ['same', 'valid', explicit(2, 1, 0, 3)] as const) {
    cases.push(depthwiseCase([2, 9, 12, 5], 1, [3, 3], [1, 1], pad, [2, 2]));
    cases.push(depthwiseCase([1, 11, 9, 4], 2, [3, 2], [1, 1], pad, [3, 4]));
  }
  for (const width of [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16]) {
    cases.push(depthwiseCase([1, 3, width, 6], 1, [3, 3], [1, 1], 'same'));
    cases.push(depthwiseCase([1, 3, width, 4], 1, [3, 3], [2, 2], 'same'));
    cases.push(depthwiseCase([1, 3, width, 3], 1, [3, 3], [1, 1], 'same'));
  }
  cases.push(depthwiseCase([2, 3, 5, 512], 1, [3, 3], [1, 1], 'same'));
  cases.push(depthwiseCase([1, 3, 2, 256], 2, [2, 2], [1, 1], 'valid'));
  return cases;
}

/** Visits every product of y = Σ x · filter as places in x, the filter and y. */
export function eachProduct(
  { x: [batch, height, width, channels], filter, y: [, outHeight, outWidth], ...c }: DepthwiseCase,
  visit: (x: number, filter: number, y: number) => void,
): void {
  const [kernelRows, kernelColumns, , multiplier] = filter;
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let a = 0; a < kernelRows; a++)
          for (let b = 0; b < kernelColumns; b++) {
            const h = i * c.stride[0] + a * c.dilation[0] - c.before[0];
            const w = j * c.stride[1] + b * c.dilation[1] - c.before[1];
            if (h < 0 || w < 0 || h >= height || w >= width) continue;
            for (let ch = 0; ch < channels; ch++)
              for (let q = 0; q < multiplier; q++)
                visit(
                  ((n * height + h) * width + w) * channels + ch,
                  ((a * kernelColumns + b) * channels + ch) * multiplier + q,
                  (((n * outHeight + i) * outWidth + j) * channels + ch) * multiplier + q,
                );
          }
}

/** Noise of a shape. */
export function noisy(shape: number[], seed: number) {
  return {
    shape,
    values: noise(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
  };
}
