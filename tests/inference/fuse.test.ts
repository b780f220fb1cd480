import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  type LayersModel,
  layers,
  loadLayersModel,
  model,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { BatchNorm, Conv2DSame, OptionError, resNetV1, resNetV2 } from '../../src/index.js';
import { fuse } from '../../src/inference/index.js';
import { onBackends } from '../support/backends.js';
import { difference, scramble } from './support.js';

type X = SymbolicTensor;
type Layer = layers.Layer;

/** A model of one image and the layers that follow one another. */
function chain(shape: number[], ...parts: Layer[]): LayersModel {
  const x = input({ shape });
  const network = model({
    inputs: x,
    outputs: parts.reduce((y, layer) => layer.apply(y) as X, x),
  });
  scramble(network);
  return network;
}

/** The fused model's number of layers beside its input; the outputs must agree. */
async function fusedLayers(network: LayersModel, tolerance = 1e-4) {
  const { model: fast, ...report } = fuse(network);
  expect(await difference(network, fast)).toBeLessThan(tolerance);
  const count = fast.layers.length - fast.inputs.length;
  network.dispose();
  fast.dispose();
  return { count, ...report };
}

onBackends(['wasm'], () => {
  it.each<[string, number[], () => Layer[]]>([
    ['conv1d', [9, 3], () => [layers.conv1d({ filters: 4, kernelSize: 3 })]],
    ['conv2d', [9, 9, 3], () => [layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' })]],
    [
      'conv2d without a bias',
      [9, 9, 3],
      () => [layers.conv2d({ filters: 4, kernelSize: 3, useBias: false })],
    ],
    ['Conv2DSame', [9, 9, 3], () => [new Conv2DSame({ filters: 4, kernelSize: 3, strides: 2 })]],
    [
      'conv2dTranspose',
      [5, 5, 3],
      () => [layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' })],
    ],
    [
      'depthwiseConv2d of two outputs a channel',
      [9, 9, 3],
      () => [layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })],
    ],
    ['separableConv2d', [9, 9, 3], () => [layers.separableConv2d({ filters: 4, kernelSize: 3 })]],
    ['dense', [7], () => [layers.dense({ units: 4 })]],
  ])('folds both batch normalisations and an activation into %s', async (_, shape, parts) => {
    const network = chain(
      shape,
      ...parts(),
      layers.batchNormalization({ scale: false }),
      new BatchNorm({ center: false }),
      layers.reLU(),
    );
    const { count, fused, kept } = await fusedLayers(network);
    expect({ count, kept }).toEqual({ count: 1, kept: [] });
    expect(fused.map(({ into }) => into)).toEqual(Array(3).fill(network.layers[1]!.name));
  });

  it('folds a normalisation forward into a layer that reads no padding', async () => {
    const norm = () => layers.batchNormalization();
    const before = (layer: Layer) => fusedLayers(chain([6, 6, 3], norm(), layer));
    const filters = 4;
    expect(await before(layers.conv2d({ filters, kernelSize: 3 }))).toMatchObject({ count: 1 });
    expect(await before(layers.conv2d({ filters, kernelSize: 1, padding: 'same' }))).toMatchObject({
      count: 1,
    });
    const padded = await before(layers.conv2d({ filters, kernelSize: 3, padding: 'same' }));
    expect(padded.count).toBe(2);
    expect(padded.kept[0]!.reason).toBe('what it follows has no kernel');
  });

  it('leaves out dropout, noise and linear activations', async () => {
    const network = chain(
      [8],
      layers.dense({ units: 4 }),
      layers.dropout({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.activation({ activation: 'linear' }),
      layers.dense({ units: 2 }),
    );
    const { count, fused } = await fusedLayers(network);
    expect(count).toBe(2);
    expect(fused.map(({ into }) => into)).toEqual([null, null, null]);
  });

  it('says what it keeps, and why', async () => {
    const x = input({ shape: [6, 6, 3] });
    const conv = (name: string, from: X, activation: 'relu' | 'linear' = 'linear') =>
      layers
        .conv2d({ name, filters: 3, kernelSize: 3, activation, padding: 'same' })
        .apply(from) as X;
    const shared = conv('shared', x);
    const outputs = [
      new BatchNorm({ name: 'twice' }).apply(shared),
      shared,
      new BatchNorm({ name: 'acts' }).apply(conv('active', x, 'relu')),
      new BatchNorm({ name: 'rows', axis: 1 }).apply(conv('plain', x)),
      layers.activation({ name: 'probabilities', activation: 'softmax' }).apply(conv('logits', x)),
      layers.dropout({ name: 'first', rate: 0.5 }).apply(x),
      new BatchNorm({ name: 'batch' }).apply(conv('trained', x), { training: true }),
    ] as X[];
    const network = model({ inputs: x, outputs });
    scramble(network);
    const { model: fast, kept } = fuse(network);
    expect(kept.map(({ layer, reason }) => `${layer}: ${reason}`).sort()).toEqual([
      "acts: 'active' ends in an activation",
      'batch: it is called in training mode',
      "first: its input is the model's own",
      "probabilities: softmax can't be part of another layer",
      'rows: it normalises another axis than channels',
      "twice: others use the output of 'shared' too",
    ]);
    expect(await difference(network, fast)).toBeLessThan(1e-4);
    network.dispose();
    fast.dispose();
  });

  it('opens models inside models, and shares the layers that they share', async () => {
    const branch = sequential({
      layers: [
        layers.conv2d({ inputShape: [6, 6, 3], filters: 4, kernelSize: 3 }),
        layers.batchNormalization(),
        layers.activation({ activation: 'relu' }),
      ],
    });
    const [a, b] = [input({ shape: [6, 6, 3] }), input({ shape: [6, 6, 3] })];
    const both = [branch.apply(a) as X, branch.apply(b) as X];
    const network = model({ inputs: [a, b], outputs: layers.concatenate().apply(both) as X });
    scramble(network);
    expect(await fusedLayers(network)).toMatchObject({ count: 2, kept: [] });
    branch.dispose();
  });

  it.each([
    ['resNetV1', () => resNetV1({ depth: 20, inputShape: [16, 16, 3], classes: 5 })],
    ['resNetV2', () => resNetV2({ depth: 20, inputShape: [16, 16, 3], classes: 5 })],
  ])('opens the blocks of %s', async (_, build) => {
    const network = build();
    scramble(network);
    const { model: fast, fused } = fuse(network);
    expect(await difference(network, fast)).toBeLessThan(1e-4);
    expect(fused.length).toBeGreaterThan(10);
    expect(fused[3]!.layer).toContain('/');
    expect(fast.countParams()).toBeLessThan(network.countParams());
    network.dispose();
    fast.dispose();
  });

  it('leaves the model as it is, and owns what it makes', async () => {
    const network = resNetV1({ depth: 8, inputShape: [8, 8, 3], classes: 3 });
    scramble(network);
    const before = await Promise.all(network.getWeights().map((w) => w.data()));
    const [nodes, { numTensors }] = [network.layers.map((l) => l.inboundNodes.length), tf.memory()];
    const { model: fast } = fuse(network);
    expect(network.layers.map((l) => l.inboundNodes.length)).toEqual(nodes);
    expect(await Promise.all(network.getWeights().map((w) => w.data()))).toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors + fast.weights.length);
    fast.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
    network.dispose();
  });

  it('makes a model that saves and loads', async () => {
    const network = resNetV1({ depth: 8, inputShape: [8, 8, 3], classes: 3 });
    scramble(network);
    const { model: fast } = fuse(network);
    let saved!: tf.io.ModelArtifacts;
    await fast.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await loadLayersModel(tf.io.fromMemory(saved));
    expect(await difference(fast, loaded)).toBeLessThan(1e-6);
    for (const one of [network, fast, loaded]) one.dispose();
  });

  it('refuses what is no model', () => {
    expect(() => fuse({} as LayersModel)).toThrow(
      new OptionError('fuse: model must be a LayersModel with known inputs and outputs'),
    );
    expect(() => fuse(sequential())).toThrow('a LayersModel with known inputs and outputs');
  });

  it('names a layer that cannot be made again, and leaves nothing behind', () => {
    class Stubborn extends layers.Layer {
      static readonly className = 'Stubborn';
      constructor(args: { name: string; secret?: string }) {
        super(args);
        if (!args.secret) throw new Error('needs its secret');
      }
      override call(x: tf.Tensor | tf.Tensor[]) {
        return x;
      }
    }
    const stubborn = new Stubborn({ name: 'stubborn', secret: 'x' });
    const network = chain([4], layers.dense({ units: 2 }), stubborn);
    const { numTensors } = tf.memory();
    expect(() => fuse(network)).toThrow(
      "fuse: 'stubborn' can't be made again from its configuration: needs its secret",
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    network.dispose();
  });
});
