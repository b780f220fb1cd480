import type { layers } from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/** A layer that multiplies with a kernel and adds a bias, as fusing sees it. */
export interface Linear {
  /** Which of the layer's weights has the output channels; the bias follows the last kernel. */
  kernel: number;
  /** The axes of that kernel that are the output channels, from the end. */
  output: number[];
  /** The axis of the kernel that is the input channels, where every input pixel meets the whole kernel. */
  input?: number;
}

const PLAIN: Linear = { kernel: 0, output: [-1], input: -2 };
const TRANSPOSED: Linear = { kernel: 0, output: [-2] };

/** Layers by class name. */
const LINEAR: Record<string, Linear> = {
  Conv1D: PLAIN,
  Conv2D: PLAIN,
  Conv3D: PLAIN,
  Dense: PLAIN,
  'Blocks.Conv2DSame': { kernel: 0, output: [-1] },
  Conv2DTranspose: TRANSPOSED,
  Conv3DTranspose: TRANSPOSED,
  'Blocks.CroppedConv2DTranspose': TRANSPOSED,
  DepthwiseConv2D: { kernel: 0, output: [-2, -1] },
  SeparableConv2D: { kernel: 1, output: [-1] },
};

/** How a layer's kernel is laid out, if it is linear but for its activation. */
export function linear(layer: Layer): Linear | undefined {
  return LINEAR[layer.getClassName()];
}

/** The axis of the output's channels, from the front, for an output of the given rank. */
export function channelAxis(layer: Layer, rank: number): number {
  return layer.getConfig().dataFormat === 'channelsFirst' ? 1 : rank - 1;
}

/** Whether each output depends on input pixels alone, none of them padding. */
export function readsNoPadding(layer: Layer): boolean {
  const { kernelSize, padding } = layer.getConfig() as { kernelSize?: number[]; padding?: string };
  return padding !== 'same' || [kernelSize ?? 1].flat().every((size) => size === 1);
}
