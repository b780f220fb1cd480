import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { BatchNorm, CroppedConv2DTranspose } from '../../src/index.js';
import { fuse } from '../../src/inference/index.js';
import { onEveryBackend } from '../support/backends.js';
import { difference, scramble } from './support.js';

type X = SymbolicTensor;

onEveryBackend(() => {
  it('fuse gives the same outputs as the model', async () => {
    const x = input({ shape: [6, 6, 3] });
    let y = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(x) as X;
    y = new BatchNorm({ activation: 'relu' }).apply(y) as X;
    y = layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }).apply(y) as X;
    y = layers.batchNormalization().apply(y) as X;
    y = new CroppedConv2DTranspose({
      filters: 2,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
    }).apply(y) as X;
    y = layers.activation({ activation: 'tanh' }).apply(new BatchNorm().apply(y)) as X;
    const network = model({ inputs: x, outputs: y });
    scramble(network);
    const { model: fast, kept } = fuse(network);
    expect(kept).toEqual([]);
    expect(fast.layers.length).toBe(4);
    expect(await difference(network, fast)).toBeLessThan(1e-4);
    network.dispose();
    fast.dispose();
  });
});
