import type { LayersModel } from '@tensorflow/tfjs-layers';
import { entryOf } from './names.js';

/** What a system calls the layers of `resNetV1` or `resNetV2`. */
interface NetworkNames {
  /** What comes before every name. */
  readonly scope?: RegExp;
  /** Layers outside the blocks, and what they may be here. */
  readonly outside: Readonly<Record<string, readonly string[]>>;
  /** A layer in a block: the number of the stage, that of the block, and the layer's own name. */
  readonly block: RegExp;
  /** What is added to the two numbers, so that they count from 1. */
  readonly count: readonly [stage: number, block: number];
  /** Layers in a block whose names differ, and what they may be here. */
  readonly inside: Readonly<Record<string, readonly string[]>>;
}

const TORCHVISION: NetworkNames = {
  outside: { conv1: ['stem_conv'], bn1: ['stem_bn'], fc: ['logits'] },
  block: /^layer(\d)\.(\d+)\.(.+)$/,
  count: [0, 1],
  inside: { 'downsample.0': ['shortcut_conv'], 'downsample.1': ['shortcut_bn'] },
};

const TIMM_V1: NetworkNames = {
  ...TORCHVISION,
  outside: {
    ...TORCHVISION.outside,
    // The deep stem.
    'conv1.0': ['stem_conv1'],
    'conv1.1': ['stem_bn1'],
    'conv1.3': ['stem_conv2'],
    'conv1.4': ['stem_bn2'],
    'conv1.6': ['stem_conv3'],
    bn1: ['stem_bn', 'stem_bn3'],
  },
  inside: {
    'downsample.0': ['shortcut_conv'],
    // After average pooling, which is number 0, the convolution is number 1.
    'downsample.1': ['shortcut_conv', 'shortcut_bn'],
    'downsample.2': ['shortcut_bn'],
    'se.fc1': ['se_reduce'],
    'se.fc2': ['se_expand'],
  },
};

const TIMM_V2: NetworkNames = {
  outside: {
    'stem.conv': ['stem_conv'],
    'stem.conv1': ['stem_conv1'],
    'stem.norm1': ['stem_bn1'],
    'stem.conv2': ['stem_conv2'],
    'stem.norm2': ['stem_bn2'],
    'stem.conv3': ['stem_conv3'],
    norm: ['final_bn'],
    'head.fc': ['logits'],
  },
  block: /^stages\.(\d)\.blocks\.(\d+)\.(.+)$/,
  count: [1, 1],
  inside: {
    norm1: ['bn1'],
    norm2: ['bn2'],
    norm3: ['bn3'],
    'downsample.conv': ['shortcut_conv'],
  },
};

const SLIM_V1: NetworkNames = {
  scope: /^[^/]+\//,
  outside: { conv1: ['stem_conv'], 'conv1/BatchNorm': ['stem_bn'], logits: ['logits'] },
  block: /^block(\d)\/unit_(\d+)\/[^/]+\/(.+)$/,
  count: [0, 0],
  inside: {
    'conv1/BatchNorm': ['bn1'],
    'conv2/BatchNorm': ['bn2'],
    'conv3/BatchNorm': ['bn3'],
    shortcut: ['shortcut_conv'],
    'shortcut/BatchNorm': ['shortcut_bn'],
  },
};

const SLIM_V2: NetworkNames = {
  ...SLIM_V1,
  outside: { conv1: ['stem_conv'], postnorm: ['final_bn'], logits: ['logits'] },
  inside: {
    preact: ['bn1'],
    'conv1/BatchNorm': ['bn2'],
    'conv2/BatchNorm': ['bn3'],
    shortcut: ['shortcut_conv'],
  },
};

const KERAS_V1: NetworkNames = {
  outside: { conv1_conv: ['stem_conv'], conv1_bn: ['stem_bn'], predictions: ['logits'] },
  block: /^conv(\d)_block(\d+)_(.+)$/,
  count: [-1, 0],
  inside: {
    '0_conv': ['shortcut_conv'],
    '0_bn': ['shortcut_bn'],
    '1_conv': ['conv1'],
    '1_bn': ['bn1'],
    '2_conv': ['conv2'],
    '2_bn': ['bn2'],
    '3_conv': ['conv3'],
    '3_bn': ['bn3'],
  },
};

const KERAS_V2: NetworkNames = {
  ...KERAS_V1,
  outside: { conv1_conv: ['stem_conv'], post_bn: ['final_bn'], predictions: ['logits'] },
  inside: { ...KERAS_V1.inside, preact_bn: ['bn1'], '1_bn': ['bn2'], '2_bn': ['bn3'] },
};

const NAMES = {
  keras: { 1: KERAS_V1, 2: KERAS_V2 },
  slim: { 1: SLIM_V1, 2: SLIM_V2 },
  timm: { 1: TIMM_V1, 2: TIMM_V2 },
  torchvision: { 1: TORCHVISION, 2: TORCHVISION },
};

/** The paths of the layers that a layer of another system may be. */
export type Rename = (name: string) => readonly string[];

/** What the residual networks of a system call the layers of a network of `resNetV1`, `resNetV2`. */
export function resNetNames(system: keyof typeof NAMES, model: LayersModel): Rename {
  const isV2 = model.layers.some((layer) => layer.name === 'final_bn');
  const { scope, outside, block, count, inside } = NAMES[system][isV2 ? 2 : 1];
  return (name) => {
    const local = scope ? name.replace(scope, '') : name;
    const [, stage, unit, layer] = block.exec(local) ?? [];
    if (layer === undefined) return entryOf(outside, local) ?? [];
    const path = `stage${Number(stage) + count[0]}_block${Number(unit) + count[1]}`;
    return (entryOf(inside, layer) ?? [layer]).map((own) => `${path}/${own}`);
  };
}
