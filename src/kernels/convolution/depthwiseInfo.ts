import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { OptionError, show } from '../../core/args.js';

export interface DepthwiseAttrs {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dilations: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The geometry of a depthwise convolution's gradient, as the functions of assembly/depthwise.ts take it. */
export function depthwiseInfo(
  owner: string,
  inputShape: number[],
  filterShape: number[],
  dy: TensorInfo,
  { strides, pad, dilations, dimRoundingMode }: DepthwiseAttrs,
) {
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    ...([strides, dilations, pad, dimRoundingMode, true] as const),
  );
  if (info.dilationHeight * info.dilationWidth !== 1) {
    throw new OptionError(`${owner}: dilations must be 1, got ${show(dilations)}`);
  }
  if (String(dy.shape) !== String(info.outShape)) {
    throw new OptionError(
      `${owner}: dy must have the shape of the convolution's output, ${show(info.outShape)}, ` +
        `got ${show(dy.shape)}`,
    );
  }
  return {
    ...{ batchSize: info.batchSize, inHeight: info.inHeight, inShape: info.inShape },
    args: [
      ...[info.inHeight, info.inWidth, info.inChannels],
      ...[info.outHeight, info.outWidth, info.outChannels / info.inChannels],
      ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth],
      ...[info.padInfo.top, info.padInfo.left],
    ],
  };
}
