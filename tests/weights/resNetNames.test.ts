import '@tensorflow/tfjs-backend-cpu';
import { afterAll, describe, expect, it } from 'vitest';
import { resNetV1, resNetV2 } from '../../src/index.js';
import { resNetNames } from '../../src/weights/resNetNames.js';

const TINY = { units: [1, 1], filters: 4, inputShape: [32, 32, 3], classes: 2 };
const NETWORKS = { 1: resNetV1(TINY), 2: resNetV2(TINY) };

const CASES: [system: Parameters<typeof resNetNames>[0], 1 | 2, Record<string, string[]>][] = [
  [
    'torchvision',
    1,
    {
      conv1: ['stem_conv'],
      bn1: ['stem_bn'],
      'layer1.0.conv1': ['stage1_block1/conv1'],
      'layer4.10.bn3': ['stage4_block11/bn3'],
      'layer2.0.downsample.0': ['stage2_block1/shortcut_conv'],
      'layer2.0.downsample.1': ['stage2_block1/shortcut_bn'],
      fc: ['logits'],
      'anything.else': [],
    },
  ],
  [
    'timm',
    1,
    {
      conv1: ['stem_conv'],
      'conv1.0': ['stem_conv1'],
      'conv1.1': ['stem_bn1'],
      'conv1.3': ['stem_conv2'],
      'conv1.4': ['stem_bn2'],
      'conv1.6': ['stem_conv3'],
      bn1: ['stem_bn', 'stem_bn3'],
      'layer2.0.downsample.1': ['stage2_block1/shortcut_conv', 'stage2_block1/shortcut_bn'],
      'layer2.0.downsample.2': ['stage2_block1/shortcut_bn'],
      'layer2.0.se.fc1': ['stage2_block1/se_reduce'],
      'layer2.0.se.fc2': ['stage2_block1/se_expand'],
      fc: ['logits'],
    },
  ],
  [
    'timm',
    2,
    {
      'stem.conv': ['stem_conv'],
      'stem.norm2': ['stem_bn2'],
      'stages.0.blocks.0.norm1': ['stage1_block1/bn1'],
      'stages.3.blocks.2.conv3': ['stage4_block3/conv3'],
      'stages.1.blocks.0.downsample.conv': ['stage2_block1/shortcut_conv'],
      norm: ['final_bn'],
      'head.fc': ['logits'],
    },
  ],
  [
    'slim',
    1,
    {
      'resnet_v1_50/conv1': ['stem_conv'],
      'resnet_v1_50/conv1/BatchNorm': ['stem_bn'],
      'resnet_v1_50/block1/unit_1/bottleneck_v1/conv2': ['stage1_block1/conv2'],
      'resnet_v1_50/block1/unit_1/bottleneck_v1/conv2/BatchNorm': ['stage1_block1/bn2'],
      'resnet_v1_50/block3/unit_12/bottleneck_v1/shortcut': ['stage3_block12/shortcut_conv'],
      'resnet_v1_50/block3/unit_1/bottleneck_v1/shortcut/BatchNorm': ['stage3_block1/shortcut_bn'],
      'resnet_v1_50/logits': ['logits'],
    },
  ],
  [
    'slim',
    2,
    {
      'resnet_v2_50/conv1': ['stem_conv'],
      'resnet_v2_50/block1/unit_1/bottleneck_v2/preact': ['stage1_block1/bn1'],
      'resnet_v2_50/block1/unit_1/bottleneck_v2/conv1/BatchNorm': ['stage1_block1/bn2'],
      'resnet_v2_50/block1/unit_1/bottleneck_v2/conv3': ['stage1_block1/conv3'],
      'resnet_v2_50/postnorm': ['final_bn'],
    },
  ],
  [
    'keras',
    1,
    {
      conv1_conv: ['stem_conv'],
      conv1_bn: ['stem_bn'],
      conv2_block1_0_conv: ['stage1_block1/shortcut_conv'],
      conv2_block1_0_bn: ['stage1_block1/shortcut_bn'],
      conv5_block3_3_bn: ['stage4_block3/bn3'],
      predictions: ['logits'],
    },
  ],
  [
    'keras',
    2,
    {
      conv2_block1_preact_bn: ['stage1_block1/bn1'],
      conv2_block1_1_bn: ['stage1_block1/bn2'],
      conv4_block6_2_bn: ['stage3_block6/bn3'],
      post_bn: ['final_bn'],
    },
  ],
];

describe('resNetNames', () => {
  afterAll(() => {
    for (const network of Object.values(NETWORKS)) network.dispose();
  });

  it.each(CASES)('finds the layers of %s in a network of version %i', (system, version, names) => {
    const rename = resNetNames(system, NETWORKS[version]);
    const found = Object.keys(names).map((name) => [name, rename(name)]);
    expect(Object.fromEntries(found)).toEqual(names);
  });
});
