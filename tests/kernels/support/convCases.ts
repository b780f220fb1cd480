import { backend_util } from '@tensorflow/tfjs-core';

type Pair = [number, number];
export type Pad = 'same' | 'valid' | number | backend_util.ExplicitPadding;

/** A convolution's geometry, for the references, and the attributes that tfjs gives its kernels. */
export interface ConvCase {
  title: string;
  batch: number;
  height: number;
  width: number;
  inChannels: number;
  outChannels: number;
  kernel: Pair;
  stride: Pair;
  top: number;
  left: number;
  out: Pair;
  attrs: { strides: Pair; pad: Pad; dataFormat: 'NHWC'; dimRoundingMode?: 'floor' | 'ceil' };
}

export function convCase(
  [batch, height, width, inChannels]: [number, number, number, number],
  outChannels: number,
  kernel: Pair,
  stride: Pair,
  pad: Pad,
  dimRoundingMode?: 'floor' | 'ceil',
): ConvCase {
  const info = backend_util.computeConv2DInfo(
    [batch, height, width, inChannels],
    [...kernel, inChannels, outChannels],
    stride,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, left } = info.padInfo;
  const shown = `${kernel.join('×')} stride ${stride} pad ${JSON.stringify(pad)}`;
  return {
    title: `[${[batch, height, width, inChannels]}] → ${outChannels}, ${shown}`,
    ...{ batch, height, width, inChannels, outChannels, kernel, stride, top, left },
    out: [info.outHeight, info.outWidth],
    attrs: { strides: stride, pad, dataFormat: 'NHWC', dimRoundingMode },
  };
}

/** Sizes at the edges of the tiles (4 pixels and 8 channels, or 2 and 16), every kernel, stride and padding. */
export function convCases(): ConvCase[] {
  const cases: ConvCase[] = [];
  for (const k of [1, 2, 3, 4, 5, 7]) {
    for (const s of [1, 2, 3]) {
      for (const pad of ['same', 'valid', 1, explicit(2, 1, 0, 3), explicit(k, 0, k + 2, 1)]) {
        for (const [h, w] of [
          [7, 9],
          [8, 7],
        ] as Pair[]) {
          cases.push(convCase([2, h, w, 5], 7, [k, k], [s, s], pad as Pad, 'floor'));
        }
      }
    }
  }
  const channels = [1, 3, 4, 5, 7, 8, 9, 16, 17, 20, 32];
  for (const ci of channels) {
    for (const co of channels) {
      cases.push(convCase([1, 5, 4, ci], co, [3, 3], [1, 1], 'same'));
      cases.push(convCase([1, 5, 4, ci], co, [3, 2], [2, 1], 'same'));
      cases.push(convCase([1, 5, 4, ci], co, [1, 1], [1, 1], 'valid'));
    }
  }
  for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17]) {
    cases.push(convCase([3, size, 1, 3], 4, [3, 3], [1, 1], 'same'));
    cases.push(convCase([1, 1, size, 8], 8, [1, 1], [1, 1], 'valid'));
    cases.push(convCase([1, size, size, 4], 8, [3, 3], [2, 2], 'same'));
    cases.push(convCase([1, size, size, 4], 8, [1, 1], [3, 2], 'same'));
    cases.push(convCase([1, 1, size, 7], 48, [1, 1], [1, 1], 'valid'));
    cases.push(convCase([1, size, size, 3], 16, [3, 3], [2, 2], 'same'));
  }
  // Windows that lie before the image.
  cases.push(convCase([2, 1, 3, 5], 7, [1, 1], [3, 3], explicit(2, 0, 0, 0)));
  cases.push(convCase([2, 3, 1, 5], 7, [1, 2], [3, 3], explicit(0, 0, 3, 0)));
  // Several blocks of pixels, by images and by rows, the last one smaller; several slices of strips.
  cases.push(convCase([17, 5, 5, 3], 9, [3, 3], [2, 2], 'same'));
  cases.push(convCase([5, 16, 16, 16], 16, [3, 3], [1, 1], 'same'));
  cases.push(convCase([1, 40, 33, 3], 9, [5, 3], [1, 2], 'same'));
  cases.push(convCase([1, 40, 33, 3], 48, [5, 3], [1, 2], 'same'));
  cases.push(convCase([5, 16, 16, 4], 16, [3, 3], [2, 2], 'same'));
  cases.push(convCase([1, 40, 33, 1], 8, [3, 3], [1, 1], 'same'));
  cases.push(convCase([2, 41, 30, 3], 32, [3, 3], [2, 1], 'valid'));
  cases.push(convCase([2, 9, 9, 40], 24, [3, 3], [1, 1], 'valid'));
  cases.push(convCase([2, 6, 7, 2], 3, [3, 2], [2, 3], explicit(1, 2, 2, 0), 'ceil'));
  return cases.filter(({ out, kernel }) => out[0] > 0 && out[1] > 0 && kernel[0] > 0);
}

export function explicit(
  top: number,
  bottom: number,
  left: number,
  right: number,
): backend_util.ExplicitPadding {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
