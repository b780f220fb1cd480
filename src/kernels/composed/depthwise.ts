import {
  add,
  mul,
  pad,
  reshape,
  slice,
  stack,
  stridedSlice,
  sum,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { type DepthwiseAttrs, depthwiseInfo } from '../convolution/depthwiseInfo.js';
import { spread, window } from './conv2DBackpropInput.js';

type Shape = [number, number, number, number];

/** Tap by tap: the pixels of x that it meets, times dy. */
export function composedDepthwiseFilter(
  owner: string,
  { x, dy }: { x: Tensor4D; dy: Tensor4D },
  attrs: DepthwiseAttrs & { filterShape: number[] },
): Tensor {
  const filterShape = attrs.filterShape as Shape;
  const { batch, height, width, stride, top, left, channels, multiplier } = geometry(
    ...([owner, x.shape, filterShape, dy, attrs] as const),
  );
  const [kernelRows, kernelColumns] = filterShape;
  const [, outHeight, outWidth] = dy.shape;
  return tidy(() => {
    const reach = [(outHeight - 1) * stride[0] + 1, (outWidth - 1) * stride[1] + 1] as const;
    const padded = pad(x, [
      [0, 0],
      [top, Math.max(0, reach[0] + kernelRows - 1 - top - height)],
      [left, Math.max(0, reach[1] + kernelColumns - 1 - left - width)],
      [0, 0],
    ]);
    const gradient = reshape(dy, [batch, outHeight, outWidth, channels, multiplier]);
    const taps = eachTap(filterShape, (a, b) => {
      const met = stridedSlice(
        padded,
        [0, a, b, 0],
        [batch, a + reach[0], b + reach[1], channels],
        [1, ...stride, 1],
      );
      const pixels = reshape(met, [batch, outHeight, outWidth, channels, 1]);
      return sum(mul(pixels, gradient), [0, 1, 2]);
    });
    return reshape(stack(taps), filterShape);
  });
}

/** Tap by tap: dy times the tap, where its pixels lie. */
export function composedDepthwiseInput(
  owner: string,
  { dy, filter }: { dy: Tensor4D; filter: Tensor4D },
  attrs: DepthwiseAttrs & { inputShape: number[] },
): Tensor {
  const { batch, height, width, stride, top, left, channels, multiplier } = geometry(
    ...([owner, attrs.inputShape, filter.shape, dy, attrs] as const),
  );
  const [kernelRows, kernelColumns] = filter.shape;
  const [, outHeight, outWidth] = dy.shape;
  return tidy(() => {
    const gradient = reshape(dy, [batch, outHeight, outWidth, channels, multiplier]);
    const parts = eachTap(filter.shape, (a, b) => {
      const tap = slice(filter, [a, b, 0, 0], [1, 1, channels, multiplier]);
      const part = sum(mul(gradient, reshape(tap, [channels, multiplier])), 4);
      const apart = spread(spread(part, 1, stride[0]), 2, stride[1]);
      return pad(apart as Tensor4D, [
        [0, 0],
        [a, kernelRows - 1 - a],
        [b, kernelColumns - 1 - b],
        [0, 0],
      ]) as Tensor;
    });
    return window(window(parts.reduce(add), 1, -top, height), 2, -left, width);
  });
}

function eachTap([rows, columns]: readonly number[], of: (a: number, b: number) => Tensor) {
  return Array.from({ length: rows! * columns! }, (_, i) => {
    return of(Math.floor(i / columns!), i % columns!);
  });
}

/** The sizes of `depthwiseInfo`, by name. */
function geometry(
  owner: string,
  inputShape: number[],
  filterShape: Shape,
  dy: Tensor4D,
  attrs: DepthwiseAttrs,
) {
  const { args, batchSize } = depthwiseInfo(owner, inputShape, filterShape, dy, attrs);
  const [height, width, channels, , , multiplier] = args as number[];
  const [strideRow, strideColumn, top, left] = args.slice(8) as Shape;
  return {
    ...{ batch: batchSize, height: height!, width: width!, channels: channels! },
    ...{ multiplier: multiplier!, top, left },
    stride: [strideRow, strideColumn] as [number, number],
  };
}
