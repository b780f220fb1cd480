import { abs, type NamedAttrMap, type Tensor, tensor, util } from '@tensorflow/tfjs-core';
import { noise } from '../../support/float64.js';

/** A kernel on tensors of several slices, none a whole number of them. */
export interface Work {
  kernelName: string;
  what: string;
  inputs: () => Record<string, Tensor> | Tensor[];
  attrs: object;
}

const floats = (shape: number[], seed = 1) =>
  tensor(Float32Array.from(noise(util.sizeFromShape(shape), seed)), shape as [number]);
const integers = (shape: number[], below: number) => {
  const values = noise(util.sizeFromShape(shape), 9);
  return tensor(
    Int32Array.from(values, (v) => Math.floor(Math.abs(v) * 1000) % below),
    shape as [number],
    'int32',
  );
};

const images = [5, 21, 19, 12];
const half = [5, 11, 10, 12];
const long = [50_003];
const window = { filterSize: 3, strides: 2, pad: 'same' };
const resize = { alignCorners: false, halfPixelCenters: true };
const norm = { epsilon: 1e-3, activation: 'relu' };

function work(
  kernelName: string,
  shapes: Record<string, number[]>,
  attrs: object,
  what = '',
): Work {
  const inputs = () =>
    Object.fromEntries(Object.entries(shapes).map(([name, of], i) => [name, floats(of, i + 1)]));
  return { kernelName, what, inputs, attrs };
}

function convolutions(ci: number, co: number, stride: number, what: string): Work[] {
  const [h, w] = [21, 19];
  const attrs = { strides: stride, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
  const [x, filter] = [
    [4, h, w, ci],
    [3, 3, ci, co],
  ];
  const dy = [4, Math.ceil(h / stride), Math.ceil(w / stride), co];
  return [
    work('Conv2D', { x, filter }, attrs, what),
    work('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x }, what),
    work('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter }, what),
    work('FusedConv2D', { x, filter, bias: [co] }, { ...attrs, activation: 'relu' }, what),
  ];
}

const step = { momentum: 0.9, rate: 0.01, epsilon: 1e-7 };

/** At least one for every kernel. */
export const WORK: Work[] = [
  ...convolutions(8, 16, 1, 'by Winograd'),
  ...convolutions(6, 10, 2, 'direct'),
  ...convolutions(6, 48, 2, 'direct, in sixteens'),
  ...convolutions(8, 2, 1, 'to few channels'),
  work('BatchMatMul', { a: [700, 70], b: [70, 50] }, { transposeA: false, transposeB: false }),
  work(
    'BatchMatMul',
    { a: [700, 70], b: [70, 64] },
    { transposeA: false, transposeB: false },
    'in sixteens',
  ),
  work(
    'BatchMatMul',
    { a: [1, 70], b: [70, 150] },
    { transposeA: false, transposeB: false },
    'of a row',
  ),
  {
    kernelName: 'BatchMatMul',
    what: 'of integers',
    inputs: () => ({ a: integers([70, 7], 100), b: integers([7, 50], 100) }),
    attrs: { transposeA: false, transposeB: false },
  },
  work('BatchMatMul', { a: [70, 700], b: [50, 70] }, { transposeA: true, transposeB: true }, 'T'),
  work(
    '_FusedMatMul',
    { a: [700, 70], b: [70, 50], bias: [50] },
    { transposeA: false, transposeB: false, activation: 'relu' },
  ),
  work(
    'FusedBatchNorm',
    { x: images, mean: [12], variance: [12], scale: [12], offset: [12] },
    { varianceEpsilon: 2 },
  ),
  work('BlocksBatchNormTrain', { x: [9001, 12], gamma: [12], beta: [12] }, norm),
  {
    ...work('BlocksBatchNormGrad', {}, { ...norm, fixed: false }),
    inputs: () => ({
      ...{ x: floats([9001, 12], 1), dy: floats([9001, 12], 2), y: floats([9001, 12], 3) },
      ...{ mean: floats([12], 4), variance: abs(floats([12], 5)), gamma: floats([12], 6) },
    }),
  },
  work('Exp', { x: long }, {}),
  work('Tanh', { x: long }, {}),
  work('Softplus', { x: long }, {}),
  work('BlocksActivationGrad', { value: long, dy: long }, { of: 'sigmoid' }),
  work(
    'BlocksAdam',
    { value: long, gradient: long, m: long, v: long },
    { ...step, beta1: 0.9, beta2: 0.99, correction: 2, keep: 1 },
  ),
  work(
    'BlocksMomentum',
    { value: long, gradient: long, accumulation: long },
    { ...step, nesterov: true },
  ),
  work('BlocksMomentum', { value: long, gradient: long }, step, 'without momentum'),
  work(
    'BlocksRMSProp',
    { value: long, gradient: long, square: long, accumulation: long },
    { ...step, decay: 0.9 },
  ),
  work('Sum', { x: [70_001] }, { axis: [0], keepDims: false }, 'of all'),
  work('Sum', { x: images }, { axis: [0, 1, 2], keepDims: false }, 'of images'),
  work('Sum', { x: [4001, 40] }, { axis: [1], keepDims: false }, 'of short lines'),
  work('Sum', { x: [401, 301] }, { axis: [1], keepDims: false }, 'of odd lines'),
  work('Mean', { x: images }, { axis: [1, 2], keepDims: false }),
  work('Max', { x: [50_003, 0] }, { reductionIndices: [1], keepDims: false }),
  work('Prod', { x: [50_003, 0] }, { axis: [1], keepDims: false }),
  ...['Any', 'All'].map((name) => ({
    ...work(name, {}, { axis: [1], keepDims: false }),
    inputs: () => ({ x: tensor([], [50_003, 0], 'bool') }),
  })),
  work('Min', { x: [50_003, 0] }, { axis: [1], keepDims: false }),
  work('BlocksBroadcast', { x: [1, 1, 1, 12] }, { shape: images }),
  work('Add', { a: images, b: [12] }, {}),
  work('Sub', { a: images, b: [12] }, {}),
  work('Multiply', { a: images, b: [12] }, {}),
  ...['Maximum', 'Minimum'].flatMap((name) => [
    work(name, { a: images, b: [12] }, {}),
    work(name, { a: images, b: [21, 1, 12] }, {}, 'of other shapes'),
    work(name, { a: long, b: long }, {}, 'of one shape'),
  ]),
  work('Add', { a: long, b: long }, {}, 'of one shape'),
  work('Sub', { a: long, b: long }, {}, 'of one shape'),
  work('Multiply', { a: long, b: long }, {}, 'of one shape'),
  work('Relu', { x: long }, {}),
  work('Relu6', { x: long }, {}),
  work('ClipByValue', { x: long }, { clipValueMin: -0.1, clipValueMax: 0.1 }),
  {
    ...work('ClipByValue', {}, { clipValueMin: 3, clipValueMax: 6 }, 'of integers'),
    inputs: () => ({ x: integers(long, 9) }),
  },
  work('Identity', { x: images }, {}),
  {
    ...work('Cast', {}, { dtype: 'int32' }),
    inputs: () => ({ x: integers(images, 9) }),
  },
  work('Slice', { x: images }, { begin: [0, 1, 1, 1], size: [5, 19, 17, 9] }),
  work(
    'StridedSlice',
    { x: images },
    {
      ...{ begin: [0, 0, 0, 0], end: images, strides: [1, 2, 2, 1] },
      ...{ beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 },
    },
  ),
  work('SplitV', { x: images }, { numOrSizeSplits: 2, axis: 3 }),
  work('PadV2', { x: images }, { paddings: [0, 1, 1, 0].map((n) => [n, n]), constantValue: 7 }),
  work('Tile', { x: [1, 1, 1, 12] }, { reps: [5, 21, 19, 1] }),
  work('Transpose', { x: images }, { perm: [0, 3, 1, 2] }),
  work('Transpose', { x: images }, { perm: [3, 1, 2, 0] }, 'of all axes'),
  work('Reverse', { x: images }, { dims: [1, 2] }),
  {
    ...work('Concat', {}, { axis: 3 }),
    inputs: () => [floats(images, 1), floats(images, 2)],
  },
  work('MaxPool', { x: images }, window),
  work('AvgPool', { x: images }, window),
  work('MaxPoolGrad', { input: images, output: half, dy: half }, window),
  work('AvgPoolGrad', { input: images, dy: half }, window),
  work('MaxPoolWithArgmax', { x: images }, { ...window, includeBatchInIndex: false }),
  {
    ...work('BlocksMaxUnpool', {}, { ...window, height: 21, width: 19 }),
    inputs: () => ({ x: floats(half), indices: integers(half, 21 * 19 * 12) }),
  },
  {
    ...work('BlocksMaxUnpoolGrad', {}, window),
    inputs: () => ({ dy: floats(images), indices: integers(half, 21 * 19 * 12) }),
  },
  work('ResizeBilinearGrad', { images: half, dy: images }, resize),
  work('ResizeNearestNeighbor', { images: half }, { ...resize, size: [21, 19] }),
  work('ResizeNearestNeighborGrad', { images: half, dy: images }, resize),
  work(
    'DepthwiseConv2dNative',
    { x: images, filter: [3, 3, 12, 1] },
    { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NHWC' },
  ),
  work(
    'FusedDepthwiseConv2D',
    { x: images, filter: [3, 3, 12, 1], bias: [12] },
    { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NHWC', activation: 'relu' },
  ),
  work(
    'DepthwiseConv2dNativeBackpropInput',
    { dy: images, filter: [3, 3, 12, 1] },
    { strides: 1, pad: 'same', dilations: 1, inputShape: images },
  ),
  work(
    'DepthwiseConv2dNativeBackpropFilter',
    { x: images, dy: images },
    { strides: 1, pad: 'same', dilations: 1, filterShape: [3, 3, 12, 1] },
  ),
  {
    ...work('OneHot', {}, { depth: 5, onValue: 1, offValue: 0, dtype: 'float32' }),
    inputs: () => ({ indices: integers([3001], 7) }),
  },
  {
    ...work('UnsortedSegmentSum', {}, { numSegments: 7 }),
    inputs: () => ({ x: floats([90, 1001]), segmentIds: integers([90], 7) }),
  },
];

/** The attributes of a piece of work, as tfjs takes them. */
export const attrsOf = ({ attrs }: Work) => attrs as NamedAttrMap;
