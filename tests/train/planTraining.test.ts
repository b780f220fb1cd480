import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it, vi } from 'vitest';
import {
  Adam,
  BatchNorm,
  Bottleneck,
  planTraining,
  resNetV2,
  setSeed,
  Upsample2D,
} from '../../src/index.js';
import { onBackends, onEveryBackend } from '../support/backends.js';
import { noise } from '../support/float64.js';
import { disposeWeights, valuesOf } from '../support/saveLoad.js';

const values = (shape: number[], seed: number) => {
  const size = shape.reduce((a, b) => a * b);
  return tf.tensor(Float32Array.from(noise(size, seed)), shape);
};

/** A residual network with a projection; two of the same are equal. */
function network(): tfl.LayersModel {
  setSeed(2);
  return resNetV2({ depth: 8, inputShape: [8, 8, 3], classes: 4 });
}

function compiled(model = network(), args: Partial<tfl.ModelCompileArgs> = {}) {
  model.compile({
    optimizer: new Adam({ learningRate: 0.01 }),
    loss: 'meanSquaredError',
    ...args,
  });
  return model;
}

function tearDown(...models: tfl.LayersModel[]): void {
  for (const model of models) {
    model.optimizer.dispose();
    disposeWeights(model);
  }
}

onEveryBackend((backend) => {
  it('a planned model trains as others do, bit for bit on WASM', async () => {
    const metrics = ['mse', 'categoricalAccuracy'];
    const [planned, plain] = [compiled(network(), { metrics }), compiled(network(), { metrics })];
    const plan = planTraining(planned);
    const [x, y] = [values([6, 8, 8, 3], 1), values([6, 4], 2)];
    for (let i = 0; i < 5; i++) {
      const [losses, expected] = [await planned.trainOnBatch(x, y), await plain.trainOnBatch(x, y)];
      if (backend === 'wasm') expect(losses).toEqual(expected);
      else expect((losses as number[])[0]).toBeCloseTo((expected as number[])[0]!, 3);
    }
    expect(plan.unplanned).toBeUndefined();
    if (backend === 'wasm') {
      expect(await valuesOf(planned.getWeights())).toEqual(await valuesOf(plain.getWeights()));
    }
    plan.dispose();
    tearDown(planned, plain);
    tf.dispose([x, y]);
  });
});

/** Networks of layers of tf.layers and of ours, to three outputs, by the shape of their input. */
const { layers } = tfl;
const NETWORKS: [name: string, inputShape: number[], inner: () => tfl.layers.Layer[]][] = [
  [
    'depthwise and separable convolution, pooling',
    [9, 9, 3],
    () => [
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      layers.batchNormalization(),
      layers.reLU({ maxValue: 6 }),
      layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 1 }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.averagePooling2d({ poolSize: 2 }),
    ],
  ],
  [
    'PReLU, whose weights a stock kernel packs, and layer normalisation',
    [9, 9, 2],
    () => [
      layers.conv2d({ filters: 4, kernelSize: 3 }),
      layers.prelu(),
      layers.layerNormalization(),
      layers.leakyReLU(),
    ],
  ],
  [
    'transposed convolution, upsampling, renormalisation',
    [9, 9, 2],
    () => [
      layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
      new Upsample2D({ outputSize: [9, 9], interpolation: 'bicubic' }),
      layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2 }),
      new BatchNorm({ renorm: true, momentum: 0.9 }),
    ],
  ],
  [
    'a block that computes its activations once more',
    [8, 8, 4],
    () => [new Bottleneck({ filters: 8, strides: 2, recompute: true })],
  ],
  [
    'recurrent',
    [5, 2],
    () => [layers.lstm({ units: 4, recurrentInitializer: 'glorotUniform', returnSequences: true })],
  ],
];

onBackends(['wasm'], () => {
  it.each(NETWORKS)(
    '%s: by a plan, without, and with weights that others hold too',
    async (_, shape, inner) => {
      const make = () => {
        setSeed(4);
        const input = layers.inputLayer({ inputShape: shape });
        const head = [layers.flatten(), layers.dense({ units: 3, activation: 'softmax' })];
        return compiled(tfl.sequential({ layers: [input, ...inner(), ...head] }));
      };
      const [planned, plain, held] = [make(), make(), make()];
      for (const model of [plain, held]) model.setWeights(planned.getWeights());
      const plan = planTraining(planned);
      for (let i = 0; i < 4; i++) {
        const [x, y] = [values([4, ...shape], 2 * i), values([4, 3], 2 * i + 1)];
        // An optimizer doesn't change in place what a clone has too.
        const clones = held.getWeights().map((weight) => tf.clone(weight));
        const loss = await plain.trainOnBatch(x, y);
        expect(await planned.trainOnBatch(x, y)).toBe(loss);
        expect(await held.trainOnBatch(x, y)).toBe(loss);
        tf.dispose([x, y, clones]);
      }
      expect(plan.unplanned).toBeUndefined();
      const expected = await valuesOf(plain.getWeights());
      for (const model of [planned, held])
        expect(await valuesOf(model.getWeights())).toEqual(expected);
      plan.dispose();
      tearDown(planned, plain, held);
    },
  );

  it('fit plans its steps, a last batch of another size too', async () => {
    const [planned, plain] = [compiled(), compiled()];
    const plan = planTraining(planned);
    const [x, y] = [values([7, 8, 8, 3], 1), values([7, 4], 2)];
    const args = { epochs: 4, batchSize: 3, shuffle: false, verbose: 0 } as const;
    const call = vi.spyOn(planned.layers[1]!, 'call');
    const { history } = await planned.fit(x, y, args);
    // The first step, the second and the first of the smaller batch, twice each.
    expect(call).toHaveBeenCalledTimes(5);
    expect(history).toEqual((await plain.fit(x, y, args)).history);
    expect(await valuesOf(planned.getWeights())).toEqual(await valuesOf(plain.getWeights()));
    plan.dispose();
    tearDown(planned, plain);
    tf.dispose([x, y]);
  });

  it('a Sequential, whose input is its target', async () => {
    const make = () => {
      setSeed(3);
      const layers = [
        tfl.layers.dense({ units: 8, inputShape: [5], kernelRegularizer: 'l1l2' }),
        new BatchNorm({ activation: 'relu' }),
        tfl.layers.dense({ units: 5 }),
      ];
      const model = tfl.sequential({ layers });
      const start = model.getWeights().map(({ shape }, i) => {
        return tf.tidy(() => tf.add(tf.mul(values(shape, i), 0.3), 0.5));
      });
      model.setWeights(start);
      tf.dispose(start);
      return compiled(model);
    };
    const [planned, plain] = [make(), make()];
    const plan = planTraining(planned);
    const [x, other] = [values([6, 5], 1), values([6, 5], 2)];
    const call = vi.spyOn(planned.layers[0]!, 'call');
    for (const [a, b] of [
      [x, x],
      [x, x],
      [x, x],
      [x, other],
      [x, other],
      [other, other],
    ] as const) {
      expect(await planned.trainOnBatch(a, b)).toBe(await plain.trainOnBatch(a, b));
    }
    expect(call).toHaveBeenCalledTimes(5);
    expect(plan.unplanned).toBeUndefined();
    plan.dispose();
    tearDown(planned, plain);
    tf.dispose([x, other]);
  });

  it('follows a model that is compiled again', async () => {
    const [planned, plain] = [compiled(), compiled()];
    const plan = planTraining(planned);
    const [x, y] = [values([6, 8, 8, 3], 1), values([6, 4], 2)];
    const step = async () => {
      expect(await planned.trainOnBatch(x, y)).toBe(await plain.trainOnBatch(x, y));
    };
    for (let i = 0; i < 4; i++) await step();
    for (const model of [planned, plain]) {
      model.layers[1]!.trainable = false;
      compiled(model, { optimizer: model.optimizer, loss: 'meanAbsoluteError' });
    }
    const call = vi.spyOn(planned.layers[1]!, 'call');
    for (let i = 0; i < 4; i++) await step();
    expect(call).toHaveBeenCalledTimes(3);
    expect(await valuesOf(planned.getWeights())).toEqual(await valuesOf(plain.getWeights()));
    plan.dispose();
    tearDown(planned, plain);
    tf.dispose([x, y]);
  });

  it('says why a model is not planned, and trains it', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 8, inputShape: [5] }),
        tfl.layers.dropout({ rate: 0.5 }),
        tfl.layers.dense({ units: 5 }),
      ],
    });
    compiled(model);
    const plan = planTraining(model);
    const x = values([6, 5], 1);
    const before = await valuesOf(model.getWeights());
    for (let i = 0; i < 4; i++) await model.trainOnBatch(x, x);
    expect(plan.unplanned).toBe('it makes tensors of other values each time, such as random ones');
    expect(await valuesOf(model.getWeights())).not.toEqual(before);
    plan.dispose();
    tearDown(model);
    x.dispose();
  });

  it('ends when it is disposed of, and its memory is free again', async () => {
    const model = compiled();
    const plan = planTraining(model);
    const [x, y] = [values([6, 8, 8, 3], 1), values([6, 4], 2)];
    const call = vi.spyOn(model.layers[1]!, 'call');
    const { wasm } = tf.backend() as unknown as { wasm: Record<'_malloc' | '_free', () => number> };
    const [malloc, free] = [vi.spyOn(wasm, '_malloc'), vi.spyOn(wasm, '_free')];
    for (let i = 0; i < 4; i++) await model.trainOnBatch(x, y);
    expect(call).toHaveBeenCalledTimes(3);
    const held = malloc.mock.calls.length - free.mock.calls.length;
    plan.dispose();
    plan.dispose();
    // The block that all its tensors lie in, scratch, copies of its weights.
    expect(malloc.mock.calls.length - free.mock.calls.length).toBeLessThan(held);
    for (let i = 0; i < 2; i++) await model.trainOnBatch(x, y);
    expect(call).toHaveBeenCalledTimes(5);
    vi.restoreAllMocks();
    vi.spyOn(console, 'warn');
    tearDown(model);
    tf.dispose([x, y]);
  });

  it('called again, the last call counts', async () => {
    const model = compiled();
    const [first, second] = [planTraining(model), planTraining(model)];
    const [x, y] = [values([6, 8, 8, 3], 1), values([6, 4], 2)];
    first.dispose();
    const call = vi.spyOn(model.layers[1]!, 'call');
    for (let i = 0; i < 4; i++) await model.trainOnBatch(x, y);
    expect(call).toHaveBeenCalledTimes(3);
    second.dispose();
    tearDown(model);
    tf.dispose([x, y]);
  });

  it('refuses a model that is not compiled, and deferred updates', () => {
    const model = network();
    expect(() => planTraining(model)).toThrow(
      `planTraining: model '${model.name}' must be compiled first`,
    );
    const deferred = tfl.sequential({
      layers: [new BatchNorm({ inputShape: [3], updates: 'deferred', name: 'norm' })],
    });
    compiled(deferred);
    expect(() => planTraining(deferred)).toThrow(
      "planTraining: the updates of 'norm' must be 'immediate', got 'deferred'",
    );
    tearDown(deferred);
    disposeWeights(model);
  });
});
