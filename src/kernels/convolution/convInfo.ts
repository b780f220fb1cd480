import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { OptionError, show } from '../../core/args.js';

export type Conv2DInfo = backend_util.Conv2DInfo;

interface Attributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * The geometry of a 2D convolution's gradient, for NHWC tensors of float32.
 * `output` is the gradient of the convolution's result; its shape must be the one the geometry says.
 */
export function gradientInfo(
  owner: string,
  inputShape: number[],
  filterShape: number[],
  output: TensorInfo,
  { strides, pad, dataFormat, dimRoundingMode }: Attributes,
): Conv2DInfo {
  if (dataFormat !== 'NHWC') {
    throw new OptionError(`${owner}: dataFormat must be 'NHWC' on WASM, got ${show(dataFormat)}`);
  }
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    'channelsLast',
  );
  if (String(output.shape) !== String(info.outShape)) {
    throw new OptionError(
      `${owner}: dy must have the shape of the convolution's output, ${show(info.outShape)}, ` +
        `got ${show(output.shape)}`,
    );
  }
  return info;
}

/** Refuses other types: read as floats, an integer's bits are garbage. */
export function float32(owner: string, tensors: Record<string, TensorInfo>): void {
  for (const [name, { dtype }] of Object.entries(tensors)) {
    if (dtype !== 'float32') {
      throw new OptionError(`${owner}: ${name} must be float32, got ${dtype}`);
    }
  }
}

/** The geometry of a 2D convolution of NHWC float32 tensors; null for what is left to stock. */
export function conv2DInfo(
  x: TensorInfo,
  filter: TensorInfo,
  {
    strides,
    pad,
    dataFormat,
    dimRoundingMode,
    dilations,
  }: Attributes & { dilations: number | [number, number] },
): Conv2DInfo | null {
  if (dataFormat === 'NCHW' || x.dtype !== 'float32' || filter.dtype !== 'float32') return null;
  const info = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  return info.dilationHeight === 1 && info.dilationWidth === 1 ? info : null;
}
