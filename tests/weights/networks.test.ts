import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ResNetArgs, resNetV1, resNetV2 } from '../../src/index.js';
import { loadWeights, type SystemName } from '../../src/weights/index.js';
import { onBackends } from '../support/backends.js';
import { runPython, withoutPython } from '../support/python.js';
import { expectedOf } from './fixtures.js';

/** The files of tools/weights.py, and the networks whose weights they hold. */
const NETWORKS: [
  file: string,
  from: SystemName,
  make: (args: ResNetArgs) => LayersModel,
  args: ResNetArgs,
][] = [
  ['resnet18.safetensors', 'torchvision', resNetV1, { depth: 18 }],
  ['resnet50.safetensors', 'torchvision', resNetV1, { preset: 'torch' }],
  ['resnet20.safetensors', 'torchvision', resNetV1, { depth: 20 }],
  [
    'resnet18d.safetensors',
    'timm',
    resNetV1,
    { depth: 18, width: 1 / 4, stem: 'deep', shortcut: 'avgProjection' },
  ],
  ['seresnet18.safetensors', 'timm', resNetV1, { depth: 18, squeezeExcitation: 4 }],
  ['resnetv2_50.safetensors', 'timm', resNetV2, { width: 1 / 4 }],
  [
    'resnetv2_50d.safetensors',
    'timm',
    resNetV2,
    { width: 1 / 4, stem: 'deep', shortcut: 'avgProjection' },
  ],
  ['ResNet50.h5', 'keras', resNetV1, { preset: 'keras', classifierActivation: 'linear' }],
  ['ResNet50V2.keras', 'keras', resNetV2, { preset: 'keras', classifierActivation: 'linear' }],
  ['resnet_v1_50.npz', 'slim', resNetV1, { preset: 'slim' }],
  ['resnet_v2_50.npz', 'slim', resNetV2, { preset: 'slim' }],
];

const SIZE: ResNetArgs = { inputShape: [64, 48, 3], classes: 10 };

describe.skipIf(withoutPython)(`whole networks${withoutPython}`, { timeout: 120_000 }, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'networks-'));
    await runPython('tools/weights.py', folder, 'networks');
  }, 1_200_000);
  afterAll(() => rm(folder, { recursive: true }));

  onBackends(['wasm'], () => {
    it.each(NETWORKS)(
      '%s gives the logits that %s gave, to 1e-4',
      async (file, from, make, args) => {
        const { x, y } = await expectedOf(folder, file);
        const network = make({ ...SIZE, ...args });
        await loadWeights(network, join(folder, file), { from });
        const images = tensor(x!.data, x!.shape);
        const logits = network.predict(images) as Tensor;
        expect(logits.shape).toEqual(y!.shape);
        const scale = Math.max(...y!.data.map(Math.abs));
        const errors = Array.from(logits.dataSync(), (v, i) => Math.abs(v - y!.data[i]!) / scale);
        expect(Math.max(...errors)).toBeLessThan(1e-4);
        images.dispose();
        logits.dispose();
        network.dispose();
      },
    );

    it('a network without classifier takes all but the classifier', async () => {
      const [file, from, make, args] = NETWORKS.find(([name]) => name === 'resnet18d.safetensors')!;
      const network = make({ ...SIZE, ...args, includeTop: false });
      const { ignored } = await loadWeights(network, join(folder, file), { from, except: /^fc\./ });
      expect(ignored.filter((name) => !name.endsWith('num_batches_tracked'))).toEqual([
        'fc.bias',
        'fc.weight',
      ]);
      network.dispose();
    });
  });
});
