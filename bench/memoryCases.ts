import { maxPool, type NamedAttrMap, type Tensor4D, tensor, tensor1d } from '@tensorflow/tfjs-core';
import type { Case } from './case.js';
import { data } from './models.js';

const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** A case that memory limits: `floats` are those that must be read or written. */
function memory(
  kernelName: string,
  shape: string,
  inputs: Record<string, number[]>,
  attrs: object,
  floats: number,
  goal = 0.45,
): Case {
  return {
    ...{ kernelName, shape, goal, bytes: floats * 4 },
    attrs: attrs as NamedAttrMap,
    inputs: () =>
      Object.fromEntries(Object.entries(inputs).map(([name, of], i) => [name, data(of, i + 1)])),
  };
}

const images = [32, 32, 32, 16];
const half = [32, 16, 16, 16];
const all = sizeOf(images);

function moves(): Case[] {
  const x = { x: images };
  return [
    memory(
      'Slice',
      'height and width',
      x,
      { begin: [0, 1, 1, 0], size: [32, 30, 30, 16] },
      2 * 30 * 30 * 512,
    ),
    memory('Slice', 'channels', x, { begin: [0, 0, 0, 4], size: [32, 32, 32, 8] }, all),
    memory('StridedSlice', 'every second pixel', x, strided([1, 2, 2, 1]), all / 2),
    memory('SplitV', 'two halves of channels', x, { numOrSizeSplits: 2, axis: 3 }, 2 * all),
    memory('PadV2', '1 around', x, padded(), 32 * 34 * 34 * 16 + all),
    memory(
      'Tile',
      '[1, 1, 1, 16] over images',
      { x: [1, 1, 1, 16] },
      { reps: [32, 32, 32, 1] },
      all,
    ),
    memory('Transpose', '[0, 3, 1, 2]', x, { perm: [0, 3, 1, 2] }, 2 * all),
    memory('Transpose', '[3, 1, 2, 0]', x, { perm: [3, 1, 2, 0] }, 2 * all),
    memory('Reverse', 'height and width', x, { dims: [1, 2] }, 2 * all),
    {
      ...{ kernelName: 'Concat', shape: 'channels', attrs: { axis: 3 }, goal: 0.45 },
      ...{ bytes: 4 * all * 4, inputs: () => [data(images, 1), data(images, 2)] as never },
    },
  ];
}

function strided(strides: number[]) {
  const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  return { begin: [0, 0, 0, 0], end: images, strides, ...masks };
}

function padded() {
  const paddings = [0, 1, 1, 0].map((n) => [n, n]);
  return { paddings, constantValue: 0 };
}

function reductions(): Case[] {
  const x = { x: images };
  return [
    memory('Sum', 'all', x, { axis: [0, 1, 2, 3], keepDims: false }, all),
    memory('Sum', 'last axis', x, { axis: [3], keepDims: false }, all),
    memory('Mean', 'height and width', x, { axis: [1, 2], keepDims: false }, all),
    memory('BlocksBroadcast', 'over images', { x: [1, 1, 1, 16] }, { shape: images }, all),
    memory('Add', 'a bias', { a: images, b: [16] }, {}, 2 * all),
    memory('Sub', 'a mean', { a: images, b: [1, 1, 1, 16] }, {}, 2 * all),
    memory('Multiply', 'a scale', { a: images, b: [16] }, {}, 2 * all),
    ...['Maximum', 'Minimum'].map((name) =>
      memory(name, 'images', { a: images, b: images }, {}, 3 * all),
    ),
    memory('Add', 'images', { a: images, b: images }, {}, 3 * all),
    ...['Relu', 'Relu6'].map((name) => memory(name, 'images', x, {}, 2 * all)),
    memory('ClipByValue', 'images', x, { clipValueMin: 0, clipValueMax: 0.5 }, 2 * all),
    // An exponential is thirty instructions: the processor limits it, not memory.
    ...['Exp', 'Tanh', 'Softplus'].map((name) => memory(name, 'images', x, {}, 2 * all, 0.05)),
  ];
}

function pooling(): Case[] {
  return [2, 3].flatMap((size): Case[] => {
    const attrs = { filterSize: size, strides: 2, pad: 'same' };
    const shape = `${size}×${size} / 2`;
    const quarter = all / 4;
    const goal = size === 3 ? 0.3 : 0.45;
    const dy = { dy: half, input: images };
    return [
      memory('MaxPool', shape, { x: images }, attrs, all + quarter, goal),
      memory('AvgPool', shape, { x: images }, attrs, all + quarter, goal),
      {
        ...memory('MaxPoolGrad', shape, {}, attrs, 2 * all + 2 * quarter, goal),
        inputs: () => {
          const input = data(images, 1) as Tensor4D;
          return { input, output: maxPool(input, size, 2, 'same'), dy: data(half, 2) };
        },
      },
      memory('AvgPoolGrad', shape, dy, attrs, all + quarter, goal),
    ];
  });
}

/** The index within its image, as argmax pooling counts, of the first element of each 2×2 window. */
function firstOfWindows() {
  const [n, h, w, c] = half as [number, number, number, number];
  const index = (i: number) => {
    const [row, column] = [Math.floor(i / (w * c)) % h, Math.floor(i / c) % w];
    return (2 * row * 2 * w + 2 * column) * c + (i % c);
  };
  return tensor(
    Int32Array.from({ length: n * h * w * c }, (_, i) => index(i)),
    half,
    'int32',
  );
}

function unpooling(): Case[] {
  const attrs: NamedAttrMap = { filterSize: 2, strides: 2, pad: 'same' };
  const shape = '2×2 / 2';
  const quarter = all / 4;
  const pooled = memory('MaxPoolWithArgmax', shape, { x: images }, {}, all + 2 * quarter);
  const base = { shape, goal: 0.45, bytes: (all + 2 * quarter) * 4 };
  return [
    { ...pooled, attrs: { ...attrs, includeBatchInIndex: false } },
    {
      ...{ ...base, kernelName: 'BlocksMaxUnpool', attrs: { ...attrs, height: 32, width: 32 } },
      inputs: () => ({ x: data(half, 1), indices: firstOfWindows() }),
    },
    {
      ...{ ...base, kernelName: 'BlocksMaxUnpoolGrad', attrs },
      inputs: () => ({ dy: data(images, 1), indices: firstOfWindows() }),
    },
  ];
}

function segments(): Case {
  const [rows, columns, numSegments] = [8192, 64, 1000];
  const ids = () => Int32Array.from({ length: rows }, (_, i) => (i * 7919) % numSegments);
  return {
    ...{ kernelName: 'UnsortedSegmentSum', shape: `[${rows}, ${columns}] to ${numSegments}` },
    ...{ attrs: { numSegments }, goal: 0.45, bytes: (rows + 2 * numSegments) * columns * 4 },
    why: 'each row reads and writes one of sums: 2.5 times the bytes that count',
    inputs: () => ({ x: data([rows, columns], 1), segmentIds: tensor1d(ids(), 'int32') }),
  };
}

function labels(): Case {
  const [count, depth] = [8192, 10];
  const indices = () => Int32Array.from({ length: count }, (_, i) => i % depth);
  return {
    ...{ kernelName: 'OneHot', shape: `[${count}] to ${depth}, float32`, goal: 0.2 },
    ...{ attrs: { depth, onValue: 1, offValue: 0, dtype: 'float32' } },
    bytes: (1 + depth) * count * 4,
    inputs: () => ({ indices: tensor1d(indices(), 'int32') }),
  };
}

function resizing(): Case[] {
  const attrs = { alignCorners: false, halfPixelCenters: true };
  const floats = all + all / 4;
  const gradient = { images: half, dy: images };
  return [
    memory('ResizeBilinearGrad', '16 → 32', gradient, attrs, floats),
    memory(
      'ResizeNearestNeighbor',
      '16 → 32',
      { images: half },
      { ...attrs, size: [32, 32] },
      floats,
    ),
    memory('ResizeNearestNeighborGrad', '16 → 32', gradient, attrs, floats),
  ];
}

function depthwise(): Case[] {
  const attrs = { strides: 1, pad: 'same', dilations: 1 };
  const shape = '3×3';
  const filter = [3, 3, 16, 1];
  const forward = { ...attrs, dataFormat: 'NHWC' };
  const fused = { x: images, filter, bias: [16] };
  const flops = 2 * 9 * all;
  return [
    {
      ...memory('DepthwiseConv2dNative', shape, { x: images, filter }, forward, 0, 0.2),
      ...{ bytes: undefined, flops },
    },
    {
      ...memory(
        'FusedDepthwiseConv2D',
        `${shape} bias relu`,
        fused,
        { ...forward, activation: 'relu' },
        0,
        0.2,
      ),
      ...{ bytes: undefined, flops },
    },
    {
      ...memory('DepthwiseConv2dNativeBackpropInput', shape, { dy: images, filter }, {}, 0, 0.2),
      attrs: { ...attrs, inputShape: images },
      ...{ bytes: undefined, flops },
    },
    {
      ...memory(
        'DepthwiseConv2dNativeBackpropFilter',
        shape,
        { x: images, dy: images },
        {},
        0,
        0.2,
      ),
      attrs: { ...attrs, filterShape: filter },
      ...{ bytes: undefined, flops },
    },
  ];
}

/** Kernels that memory limits, and the depthwise gradients. */
export function memoryCases(): Case[] {
  return [
    ...moves(),
    ...reductions(),
    ...pooling(),
    ...unpooling(),
    segments(),
    labels(),
    ...resizing(),
    ...depthwise(),
  ];
}
