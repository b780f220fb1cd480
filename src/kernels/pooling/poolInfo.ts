import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { OptionError, show } from '../../core/args.js';

export interface PoolAttrs {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The geometry of pooling an NHWC tensor, as the functions of assembly/pool.ts take it. */
export function poolInfo(shape: number[], attrs: PoolAttrs, dy?: TensorInfo) {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    ...([filterSize, strides, 1, pad, dimRoundingMode] as const),
  );
  const { batchSize, inHeight, inWidth, inChannels, padInfo } = info;
  // tfjs doesn't pass the rounding mode on to gradients: dy says what the size was.
  const [, outHeight, outWidth] = (dy ?? { shape: info.outShape }).shape as [
    number,
    number,
    number,
  ];
  return {
    ...{ batchSize, inHeight, outHeight },
    outShape: info.outShape,
    sizes: [inHeight, inWidth, inChannels, outHeight, outWidth],
    windows: [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth],
    before: [padInfo.top, padInfo.left],
  };
}

/** Refuses a gradient of another batch or other channels than the input's. */
export function checkPoolGradient(owner: string, input: TensorInfo, dy: TensorInfo): void {
  const fits = dy.shape[0] === input.shape[0] && dy.shape[3] === input.shape[3];
  if (!fits) {
    throw new OptionError(
      `${owner}: dy must have the batch and the channels of the input, ${show(input.shape)}, ` +
        `got ${show(dy.shape)}`,
    );
  }
}
