import {
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { composedInputGradient } from '../composed/conv2DBackpropInput.js';
import type { Kernel } from '../kernel.js';
import type { Heap } from '../runtime/heap.js';
import { type Conv2DInfo, float32, gradientInfo } from './convInfo.js';
import { type Epilogue, packedBytes, runConvolution, wideOf, withBias } from './convolve.js';
import { FEW_CHANNELS, inputGradientOfFew } from './fewChannels.js';
import { fusedActivation } from './fusedActivation.js';
import { type Phase, phasesOf } from './phases.js';
import { winograd, worthWinograd } from './winograd.js';

/** dy [n, oh, ow, co], filter [kh, kw, ci, co] → the gradient of the input, [n, h, w, ci]. */
export const conv2DBackpropInput: Kernel<
  { dy: Tensor4D; filter: Tensor4D; bias?: Tensor },
  Conv2DBackpropInputAttrs & { activation?: string }
> = {
  kernelName: Conv2DBackpropInput,
  composed: composedInputGradient,
  // A plan gives a bias and an activation, one of bounds, of a transposed convolution.
  run(heap, { dy, filter, bias }, attrs) {
    float32(Conv2DBackpropInput, { dy, filter });
    const info = gradientInfo(Conv2DBackpropInput, attrs.inputShape, filter.shape, dy, attrs);
    const output = heap.output(info.inShape);
    const tensors = [heap.address(dy), heap.address(filter), output.address] as const;
    const { inHeight, inWidth } = info;
    const epilogue = {
      bias: bias ? heap.address(bias) : null,
      bounds: fusedActivation(attrs.activation)!.bounds,
    };
    const kept = heap.isConstant(tensors[1]);
    if (worthWinograd(info, [inHeight, inWidth], kept)) {
      turnedConvolution(heap, info, ...tensors, epilogue);
    } else if (info.inChannels <= FEW_CHANNELS) {
      inputGradientOfFew(heap, info, ...tensors, epilogue);
    } else inputGradient(heap, info, ...tensors, epilogue);
    return output.info;
  },
};

/** With stride 1, dx is the convolution of dy with the filter turned around. */
function turnedConvolution(
  heap: Heap,
  info: Conv2DInfo,
  dy: number,
  filter: number,
  dx: number,
  epilogue: Epilogue,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const turn = (to: number) => {
    heap.run('turnFilter_f32', 9, [filter, to, inChannels, outChannels]);
  };
  heap.prepared(filter, 'turned', 9 * inChannels * outChannels * 4, turn, (turned) => {
    winograd(heap, {
      source: filter,
      ...{ x: dy, filter: turned, y: dx, batch: batchSize, epilogue },
      ...{ inHeight: outHeight, inWidth: outWidth, inChannels: outChannels },
      ...{ outHeight: inHeight, outWidth: inWidth, outChannels: inChannels },
      ...{ top: 2 - info.padInfo.top, left: 2 - info.padInfo.left },
    });
  });
}

/** How far the windows of all phases reach before dy's first and from it to beyond its last. */
function reach(phases: Phase[], length: number): { before: number; length: number } {
  const used = phases.filter(({ taps }) => taps > 0);
  const before = Math.max(0, ...used.map(({ start }) => -start));
  const end = Math.max(length, ...used.map(({ start, count, taps }) => start + count - 1 + taps));
  return { before, length: before + end };
}

function inputGradient(
  heap: Heap,
  info: Conv2DInfo,
  dy: number,
  filter: number,
  dx: number,
  { bias, bounds }: Epilogue,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const rowPhases = phasesOf(inHeight, filterHeight, strideHeight, padInfo.top);
  const columnPhases = phasesOf(inWidth, filterWidth, strideWidth, padInfo.left);
  const rows = reach(rowPhases, outHeight);
  const columns = reach(columnPhases, outWidth);
  const inPlace = rows.length === outHeight && columns.length === outWidth;
  const phases = rowPhases.flatMap((r) => columnPhases.map((c) => [r, c] as const));
  const live = phases.filter(([r, c]) => r.taps * c.taps > 0);
  if (live.length < phases.length || batchSize * outHeight * outWidth === 0) {
    heap.run('zero_f32', 1, [dx, batchSize * inHeight * inWidth * inChannels]);
  }
  const padded = inPlace ? 0 : batchSize * rows.length * columns.length * outChannels * 4;
  const wide = wideOf(inChannels);
  const dyPixel = outChannels * 4;
  const dyRow = columns.length * dyPixel;
  const dxPixel = inChannels * 4;
  const dxRow = inWidth * dxPixel;
  const convolvePhase = (source: number, packedBias: number, [r, c]: (typeof live)[number]) => {
    const taps = [
      ...[filterWidth, inChannels, outChannels],
      ...[r.firstTap, c.firstTap, strideHeight, strideWidth],
    ];
    const pack = (to: number) => {
      const panels = Math.ceil(inChannels / wide);
      heap.run('packTaps_f32', panels, [filter, to, ...taps, wide]);
    };
    const window = source + (r.start + rows.before) * dyRow + (c.start + columns.before) * dyPixel;
    const pixels = batchSize * r.count * c.count;
    const target = dx + r.offset * dxRow + c.offset * dxPixel;
    const bytes = packedBytes(r.taps * c.taps * outChannels, inChannels);
    heap.prepared(filter, `taps ${taps}`, bytes, pack, (packed) => {
      runConvolution(heap, wide, [window, packed, packedBias, target], pixels, inChannels, [
        ...[r.count, c.count],
        ...[rows.length * dyRow, dyRow, dyPixel],
        ...[inHeight * dxRow, strideHeight * dxRow, strideWidth * dxPixel],
        ...[r.taps, c.taps * outChannels, dyRow, inChannels, ...bounds],
      ]);
    });
  };

  withBias(heap, bias, inChannels, (packedBias) => {
    heap.scratch([padded], ([copy]) => {
      if (!inPlace) {
        heap.run('pad_f32', batchSize, [
          ...[dy, copy!, outHeight, outWidth, outChannels],
          ...[rows.length, columns.length, rows.before, columns.before],
        ]);
      }
      for (const phase of live) convolvePhase(inPlace ? dy : copy!, packedBias, phase);
    });
  });
}
