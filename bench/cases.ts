import type { Case } from './case.js';
import { memoryCases } from './memoryCases.js';
import { data } from './models.js';

/** [batch, size, in channels, out channels, kernel, stride], same padding. */
const CONVOLUTIONS: [string, number, number, number, number, number, number][] = [
  ['ResNet-20 16', 32, 32, 16, 16, 3, 1],
  ['ResNet-20 32', 32, 16, 32, 32, 3, 1],
  ['ResNet-20 64', 32, 8, 64, 64, 3, 1],
  ['ResNet-20 16-32 /2', 32, 32, 16, 32, 3, 2],
  ['ResNet-20 16-32 1×1 /2', 32, 32, 16, 32, 1, 2],
  ['ResNet-20 3-16', 32, 32, 3, 16, 3, 1],
  ['ResNet-50 64', 4, 56, 64, 64, 3, 1],
  ['ResNet-50 64-256 1×1', 4, 56, 64, 256, 1, 1],
  ['ResNet-50 256-64 1×1', 4, 56, 256, 64, 1, 1],
  ['ResNet-50 256', 4, 14, 256, 256, 3, 1],
  ['ResNet-50 512', 4, 7, 512, 512, 3, 1],
  ['ResNet-50 stem 7×7 /2', 4, 224, 3, 64, 7, 2],
  ['autoencoder 1-16 /2', 64, 28, 1, 16, 3, 2],
  ['autoencoder 16-32 /2', 64, 14, 16, 32, 3, 2],
  ['RGB 3-32 /2', 8, 64, 3, 32, 3, 2],
  ['RGBA 4-16', 8, 64, 4, 16, 3, 1],
  ['RGBA 4-32 /2', 8, 64, 4, 32, 3, 2],
];

function convolutions(): Case[] {
  return CONVOLUTIONS.flatMap(([shape, n, h, ci, co, k, s]): Case[] => {
    const o = Math.ceil(h / s);
    const attrs = { strides: s, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
    const flops = 2 * n * o * o * ci * co * k * k;
    const goal =
      k === 3 && s === 1 && ci >= 16 ? 1.5 : ci < 16 ? 0.5 : k === 1 && ci === 16 ? 0.7 : 0.85;
    const x = () => data([n, h, h, ci], 1);
    const filter = () => data([k, k, ci, co], 2);
    const dy = () => data([n, o, o, co], 3);
    return [
      {
        ...{ kernelName: 'Conv2D', shape, attrs, flops, goal },
        inputs: () => ({ x: x(), filter: filter() }),
      },
      {
        ...{ kernelName: 'FusedConv2D', shape: `${shape} bias relu`, flops, goal },
        attrs: { ...attrs, activation: 'relu' },
        inputs: () => ({ x: x(), filter: filter(), bias: data([co], 4) }),
      },
      {
        ...{ kernelName: 'Conv2DBackpropInput', shape, flops, goal },
        attrs: { ...attrs, inputShape: [n, h, h, ci] },
        inputs: () => ({ dy: dy(), filter: filter() }),
      },
      {
        ...{ kernelName: 'Conv2DBackpropFilter', shape, flops, goal },
        attrs: { ...attrs, filterShape: [k, k, ci, co] },
        inputs: () => ({ x: x(), dy: dy() }),
      },
    ];
  });
}

/** Depthwise convolutions of MobileNet: [size, channels, kernel, stride], batch 1, same padding. */
function depthwise(): Case[] {
  const layers: [number, number, number, number][] = [
    [112, 32, 3, 1],
    [112, 64, 3, 2],
    [56, 128, 3, 1],
    [14, 512, 3, 1],
    [7, 1024, 3, 1],
    [28, 120, 5, 1],
    [56, 72, 5, 2],
  ];
  return layers.map(([h, c, k, s]): Case => {
    const o = Math.ceil(h / s);
    return {
      kernelName: 'FusedDepthwiseConv2D',
      shape: `MobileNet ${h}×${h}×${c} ${k}×${k}${s > 1 ? ` /${s}` : ''} bias relu6`,
      attrs: { strides: s, pad: 'same', dataFormat: 'NHWC', dilations: 1, activation: 'relu6' },
      flops: 2 * o * o * c * k * k,
      goal: 0.3,
      inputs: () => ({
        ...{ x: data([1, h, h, c], 1), filter: data([k, k, c, 1], 2), bias: data([c], 3) },
      }),
    };
  });
}

function products(): Case[] {
  const sizes: [number, number, number][] = [
    [64, 1568, 32],
    [64, 32, 1568],
    [512, 512, 512],
    [3136, 64, 256],
  ];
  return sizes.flatMap(([m, k, n]) =>
    (
      [
        ['NN', false, false, 0.9],
        ['NT', false, true, 0.92],
        ['TN', true, false, 0.85],
      ] as const
    ).map(([name, transposeA, transposeB, goal]): Case => {
      return {
        ...{ kernelName: 'BatchMatMul', shape: `${name} ${m}×${k}×${n}`, goal },
        attrs: { transposeA, transposeB },
        flops: 2 * m * k * n,
        inputs: () => ({
          a: data(transposeA ? [k, m] : [m, k], 1),
          b: data(transposeB ? [n, k] : [k, n], 2),
        }),
      };
    }),
  );
}

function normalisation(): Case[] {
  const sizes: [number, number][] = [
    [32 * 32 * 32, 16],
    [32 * 8 * 8, 64],
    [4 * 56 * 56, 256],
  ];
  const goal = 0.45;
  return sizes.flatMap(([m, c]): Case[] => {
    const shape = `[${m}, ${c}]`;
    const pass = m * c * 4;
    const statistics = () => ({ mean: data([c], 2), variance: data([c], 3) });
    return [
      {
        ...{ kernelName: 'FusedBatchNorm', shape, goal, bytes: 2 * pass },
        attrs: { varianceEpsilon: 1e-3 },
        inputs: () => ({
          x: data([m, 1, 1, c], 1),
          ...statistics(),
          scale: data([c], 4),
          offset: data([c], 5),
        }),
      },
      {
        ...{ kernelName: 'BlocksBatchNormTrain', shape: `${shape} relu`, goal, bytes: 3 * pass },
        ...(m === 32 * 8 * 8 && {
          why: 'x and y together fill the second-level cache, and the calls take a tenth of the time',
        }),
        attrs: { epsilon: 1e-3, activation: 'relu' },
        inputs: () => ({ x: data([m, c], 1), gamma: data([c], 2), beta: data([c], 3) }),
      },
      {
        ...{ kernelName: 'BlocksBatchNormGrad', shape: `${shape} relu`, goal, bytes: 7 * pass },
        attrs: { epsilon: 1e-3, activation: 'relu', fixed: false },
        inputs: () => ({
          ...{ x: data([m, c], 1), dy: data([m, c], 6), y: data([m, c], 7) },
          ...{ ...statistics(), gamma: data([c], 4) },
        }),
      },
      {
        ...{ kernelName: 'BlocksActivationGrad', shape: `${shape} relu`, goal, bytes: 3 * pass },
        attrs: { of: 'relu' },
        inputs: () => ({ value: data([m, c], 1), dy: data([m, c], 2) }),
      },
      {
        ...{ kernelName: 'Sum', shape: `${shape} over rows`, goal, bytes: pass },
        attrs: { axis: 0, keepDims: false },
        inputs: () => ({ x: data([m, c], 1) }),
      },
    ];
  });
}

function optimizers(): Case[] {
  const n = 272_000;
  const tensors = (...names: string[]) =>
    Object.fromEntries(names.map((name, i) => [name, data([n], i + 1)]));
  const shape = `${n} weights`;
  return [
    {
      ...{ kernelName: 'BlocksAdam', shape, goal: 0.45, bytes: 7 * n * 4 },
      attrs: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, rate: 0.01, correction: 2, keep: 1 },
      inputs: () => tensors('value', 'gradient', 'm', 'v'),
    },
    {
      ...{ kernelName: 'BlocksMomentum', shape, goal: 0.45, bytes: 5 * n * 4 },
      attrs: { momentum: 0.9, rate: 0.01, nesterov: false },
      inputs: () => tensors('value', 'gradient', 'accumulation'),
    },
    {
      ...{ kernelName: 'BlocksRMSProp', shape, goal: 0.45, bytes: 7 * n * 4 },
      attrs: { decay: 0.9, momentum: 0.5, epsilon: 1e-7, rate: 0.01 },
      inputs: () => tensors('value', 'gradient', 'square', 'accumulation'),
    },
  ];
}

function fusedProduct(): Case {
  return {
    ...{ kernelName: '_FusedMatMul', shape: 'NN 64×1568×32 bias relu', goal: 0.9 },
    attrs: { transposeA: false, transposeB: false, activation: 'relu' },
    flops: 2 * 64 * 1568 * 32,
    inputs: () => ({ a: data([1, 64, 1568], 1), b: data([1, 1568, 32], 2), bias: data([32], 3) }),
  };
}

export const CASES: Case[] = [
  ...convolutions(),
  ...depthwise(),
  ...products(),
  fusedProduct(),
  ...normalisation(),
  ...optimizers(),
  ...memoryCases(),
];
