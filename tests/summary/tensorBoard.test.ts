import {
  losses,
  reshape,
  type Scalar,
  scalar,
  setBackend,
  slice,
  type Tensor,
  tensor2d,
  train as tfTrain,
  tidy,
  util,
  type Variable,
  zeros,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { trainLoop, trainStep } from '../../src/index.js';
import { type TensorBoardOptions, tensorBoard } from '../../src/summary/index.js';
import { failOnLeaksAndWarnings } from '../support/backends.js';
import { byTag, decode } from '../support/eventLog.js';
import { noise } from '../support/float64.js';
import { memorySink } from '../support/memorySink.js';

/** The runs of a callback, in memory. */
function runs() {
  const sinks = new Map<string, ReturnType<typeof memorySink>[]>();
  return {
    open: (run: string) => {
      const sink = memorySink();
      sinks.set(run, [...(sinks.get(run) ?? []), sink]);
      return sink;
    },
    names: () => [...sinks.keys()],
    events: (run: string) => sinks.get(run)!.flatMap((sink) => decode(sink.bytes())),
    tags: (run: string) => byTag(Uint8Array.from(sinks.get(run)!.flatMap((s) => [...s.bytes()]))),
    allClosed: () => [...sinks.values()].flat().every((sink) => sink.closed()),
  };
}
const steps = (values: { step: number }[] | undefined) => values?.map(({ step }) => step);

let model: tfl.Sequential;
let x: Tensor;
beforeAll(async () => {
  util.assert(await setBackend('cpu'), () => 'no CPU backend');
  model = tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [4], units: 4 })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'] });
  x = tensor2d(Array.from(noise(80)), [20, 4]);
  // Training makes the optimizer's own tensors.
  await model.fit(x, x, { epochs: 1, verbose: 0 });
});
afterAll(() => {
  x.dispose();
  model.dispose();
});

async function train(options?: TensorBoardOptions, { validation = true, epochs = 3 } = {}) {
  const found = runs();
  const { history } = await model.fit(x, x, {
    epochs,
    batchSize: 4,
    validationSplit: validation ? 0.2 : 0,
    shuffle: false,
    verbose: 0,
    callbacks: tensorBoard(found.open, options),
  });
  return { ...found, history: history as Record<string, number[]> };
}

describe('tensorBoard in model.fit', () => {
  failOnLeaksAndWarnings();

  it('writes the losses and metrics of each epoch, and those of the validation in a run of its own', async () => {
    const { history, names, tags } = await train();
    expect(names()).toEqual(['train', 'test']);
    const values = (run: string, tag: string) => tags(run)[tag]!.map((value) => value.simple_value);
    expect(values('train', 'epoch_loss')).toEqual(history.loss);
    expect(values('train', 'epoch_mae')).toEqual(history.mae);
    expect(values('test', 'epoch_loss')).toEqual(history.val_loss);
    expect(values('test', 'epoch_mae')).toEqual(history.val_mae);
    expect(steps(tags('train').epoch_loss)).toEqual([0, 1, 2]);
    expect(Object.keys(tags('train'))).toEqual(['epoch_loss', 'epoch_mae']);
  });

  it('makes no run for a validation that there is not', async () => {
    expect((await train({}, { validation: false })).names()).toEqual(['train']);
  });

  it('writes the graph once, and not when it is not wanted', async () => {
    const graphs = (found: Awaited<ReturnType<typeof train>>) =>
      found.events('train').filter((event) => event.graph_def).length;
    expect(graphs(await train())).toBe(1);
    expect(graphs(await train({ graph: false }))).toBe(0);
  });

  it('writes every batch, or every n-th, at its number in the training', async () => {
    const all = (await train({ updateFreq: 'batch' })).tags('train');
    expect(steps(all.batch_loss)).toEqual([...Array(12).keys()]);
    expect(steps(all.batch_mae)).toEqual([...Array(12).keys()]);
    expect(Object.keys(all).sort()).toEqual(['batch_loss', 'batch_mae', 'epoch_loss', 'epoch_mae']);
    const some = (await train({ updateFreq: 5 })).tags('train');
    expect(steps(some.batch_loss)).toEqual([0, 5, 10]);
  });

  it('summarises the weights every n-th epoch', async () => {
    const found = (await train({ histogramFreq: 2 })).tags('train');
    const tag = `weights/${model.layers[0]!.name}/kernel/histogram`;
    expect(steps(found[tag])).toEqual([0, 2]);
    expect(found[tag]![0]!.histo!.num).toBe(16);
  });

  it('writes images after each epoch, and leaves tensors of the caller alone', async () => {
    const mine = zeros([2, 2, 1]);
    const images = (model: tfl.LayersModel, epoch: number) => ({
      mine,
      made: reshape(slice(model.predict(x) as Tensor, 0, 1 + epoch), [-1, 2, 2, 1]),
    });
    const found = (await train({ images })).tags('train');
    expect(steps(found.mine)).toEqual([0, 1, 2]);
    expect(found.made!.map(({ tensor }) => tensor!.string_val!.length - 2)).toEqual([1, 2, 3]);
    mine.dispose();
  });

  it('names layers by the model that it is given: model.fit shows it another', async () => {
    const inner = tfl.sequential({
      name: 'first',
      layers: [tfl.layers.dense({ name: 'inside', inputShape: [4], units: 4 })],
    });
    const outer = tfl.sequential({ layers: [inner] });
    outer.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const found = runs();
    const callbacks = tensorBoard(found.open, { model: outer, histogramFreq: 1 });
    await outer.fit(x, x, { epochs: 1, verbose: 0, callbacks });
    expect(found.tags('train')).toHaveProperty(['weights/first/inside/kernel/histogram']);
    outer.dispose();
  });

  it('closes its files at the end, and opens new ones in the next training', async () => {
    const found = runs();
    const callbacks = tensorBoard(found.open);
    for (let i = 0; i < 2; i++) await model.fit(x, x, { epochs: 1, verbose: 0, callbacks });
    expect(found.allClosed()).toBe(true);
    expect(found.events('train').filter((event) => event.file_version)).toHaveLength(2);
  });

  it('reads nothing back from the device per batch by default', async () => {
    const data = vi.spyOn(Object.getPrototypeOf(x), 'data');
    const dataSync = vi.spyOn(Object.getPrototypeOf(x), 'dataSync');
    const count = async (callbacks: tfl.CustomCallback | undefined) => {
      data.mockClear();
      dataSync.mockClear();
      await model.fit(x, x, { epochs: 1, batchSize: 2, shuffle: false, verbose: 0, callbacks });
      return data.mock.calls.length + dataSync.mock.calls.length;
    };
    const without = await count(undefined);
    // The loss and the metric of the epoch.
    expect(await count(tensorBoard(runs().open))).toBe(without + 2);
    data.mockRestore();
    dataSync.mockRestore();
  });
});

describe('tensorBoard in a loop', () => {
  failOnLeaksAndWarnings();

  it('writes all that it writes in model.fit, with trainStep', async () => {
    const found = runs();
    const board = tensorBoard(found.open, {
      ...{ model, updateFreq: 2, histogramFreq: 2 },
      images: () => ({ outputs: reshape(model.predict(x) as Tensor, [-1, 2, 2, 1]) }),
    });
    const optimizer = tfTrain.sgd(0.1);
    const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
    const loss = (training: boolean) => () =>
      tidy(() => losses.meanSquaredError(x, model.apply(x, { training }) as Tensor) as Scalar);
    const lost: number[] = [];
    const heldOut: number[] = [];
    await board.onTrainBegin();
    for (let epoch = 0; epoch < 3; epoch++) {
      for (let batch = 0; batch < 2; batch++) {
        lost.push(await trainStep(optimizer, loss(true), { variables }));
        await board.onBatchEnd(batch, { loss: lost.at(-1) });
      }
      const validation = loss(false)();
      heldOut.push(validation.dataSync()[0]!);
      await board.onEpochEnd(epoch, { loss: lost.at(-1), val_loss: validation });
      validation.dispose();
    }
    await board.onTrainEnd();
    optimizer.dispose();
    const [train, test] = [found.tags('train'), found.tags('test')];
    const values = (tag: typeof train.batch_loss) =>
      tag!.map(({ step, simple_value }) => [step, simple_value]);
    expect(values(train.batch_loss)).toEqual([0, 2, 4].map((step) => [step, lost[step]]));
    expect(values(train.epoch_loss)).toEqual([1, 3, 5].map((step, epoch) => [epoch, lost[step]]));
    expect(values(test.epoch_loss)).toEqual([...heldOut.entries()]);
    expect(heldOut[2]).toBeLessThan(heldOut[0]!);
    const weight = `weights/${model.layers[0]!.name}/kernel/histogram`;
    expect(steps(train[weight])).toEqual([0, 2]);
    expect(steps(train.outputs)).toEqual([0, 1, 2]);
    expect(found.events('train').filter((event) => event.graph_def)).toHaveLength(1);
    expect(found.allClosed()).toBe(true);
  });

  it('follows trainLoop, with validation and without', async () => {
    for (const validation of [{ x, y: x }, undefined]) {
      const found = runs();
      const board = tensorBoard(found.open, { model, updateFreq: 'batch' });
      const optimizer = tfTrain.sgd(0.1);
      await board.onTrainBegin();
      const { history } = await trainLoop(model, {
        ...{ x, y: x, validation, optimizer, epochs: 2, batchSize: 10 },
        loss: (target, output) => losses.meanSquaredError(target as Tensor, output as Tensor),
        onStep: ({ step, loss }) => board.onBatchEnd(step, { loss }),
        onEpoch: ({ epoch, loss, validationLoss }) =>
          board.onEpochEnd(epoch, { loss, val_loss: validationLoss }),
      });
      await board.onTrainEnd();
      optimizer.dispose();
      const { batch_loss, epoch_loss } = found.tags('train');
      expect(steps(batch_loss)).toEqual([0, 1, 2, 3]);
      const values = epoch_loss!.map(({ step, simple_value }) => [step, simple_value]);
      expect(values).toEqual(history.map(({ epoch, loss }) => [epoch, Math.fround(loss)]));
      expect(found.names()).toEqual(validation ? ['train', 'test'] : ['train']);
      if (validation) expect(steps(found.tags('test').epoch_loss)).toEqual([1, 2]);
    }
  });

  it('throws before training begins where the runs cannot be written', async () => {
    const open = () => {
      throw new Error('EROFS: read-only file system');
    };
    const callbacks = tensorBoard(open, { graph: false });
    const before = Array.from(model.getWeights()[0]!.dataSync());
    await expect(model.fit(x, x, { epochs: 1, verbose: 0, callbacks })).rejects.toThrow('EROFS');
    expect(Array.from(model.getWeights()[0]!.dataSync())).toEqual(before);
    // tf.layers takes a training that threw for one that goes on.
    (model as unknown as { isTraining: boolean }).isTraining = false;
  });

  it('closes every run at the end, also when one fails', async () => {
    const good = memorySink();
    const bad = { ...memorySink(), append: () => Promise.reject(new Error('ENOSPC')) };
    const board = tensorBoard((run) => (run === 'train' ? bad : good));
    board.writer('train').scalar('loss', 1, 0);
    board.writer('test').scalar('loss', 2, 0);
    await expect(board.onTrainEnd()).rejects.toThrow("cannot write 'memory': ENOSPC");
    expect(byTag(good.bytes()).loss).toHaveLength(1);
    expect(good.closed()).toBe(true);
  });

  it('writes what it is given, tensors too, and reads them only when they are due', async () => {
    const found = runs();
    const board = tensorBoard(found.open, { model, updateFreq: 2 });
    await board.onTrainBegin();
    const read: number[] = [];
    for (let batch = 0; batch < 4; batch++) {
      const loss = scalar(batch) as Scalar;
      const data = vi.spyOn(loss, 'data');
      await board.onBatchEnd(batch, { loss, lr: 0.5 });
      if (data.mock.calls.length > 0) read.push(batch);
      loss.dispose();
    }
    await board.onEpochEnd(0, { loss: 1.5, val_loss: 2.5 });
    board.writer('train').text('note', 'done', 4);
    board.writer('extra').scalar('own', 1, 0);
    await board.onTrainEnd();
    expect(read).toEqual([0, 2]);
    const { batch_loss, batch_lr, epoch_loss, note } = found.tags('train');
    expect(batch_loss!.map((value) => [value.step, value.simple_value])).toEqual([
      [0, 0],
      [2, 2],
    ]);
    expect(steps(batch_lr)).toEqual([0, 2]);
    expect(epoch_loss![0]!.simple_value).toBe(1.5);
    expect(found.tags('test').epoch_loss![0]!.simple_value).toBe(2.5);
    expect(note).toHaveLength(1);
    expect(found.tags('extra').own).toHaveLength(1);
    expect(found.allClosed()).toBe(true);
  });

  it('needs no model for scalars', async () => {
    const found = runs();
    const board = tensorBoard(found.open, { histogramFreq: 1, images: () => ({}) });
    await board.onTrainBegin();
    await board.onEpochEnd(0, { loss: 1 });
    await board.onTrainEnd();
    expect(Object.keys(found.tags('train'))).toEqual(['epoch_loss']);
  });

  it('has every event of an epoch safe at its end', async () => {
    const found = runs();
    const board = tensorBoard(found.open);
    await board.onEpochEnd(0, { loss: 1 });
    expect(found.tags('train').epoch_loss).toHaveLength(1);
    await board.onTrainEnd();
  });
});

describe('bad options of tensorBoard', () => {
  it.each([
    [
      { updateFreq: 'step' },
      "updateFreq must be 'epoch', 'batch' or a positive integer, got 'step'",
    ],
    [{ updateFreq: 0 }, "updateFreq must be 'epoch', 'batch' or a positive integer, got 0"],
    [{ histogramFreq: -1 }, 'histogramFreq must be an integer of at least 0, got -1'],
    [{ images: {} }, 'images must be a function, got {}'],
    [{ model: {} }, 'model must be a LayersModel, got {}'],
    [{ graph: 1 }, 'graph must be true or false, got 1'],
  ])('%j is refused', (options, message) => {
    expect(() => tensorBoard('logs', options as TensorBoardOptions)).toThrow(
      `tensorBoard: ${message}`,
    );
  });

  it.each([[''], [5]])('the directory %j is refused', (logDir) => {
    expect(() => tensorBoard(logDir as string)).toThrow(
      `tensorBoard: logDir must be a path or a function, got ${logDir === '' ? "''" : logDir}`,
    );
  });

  it('images from an async function are refused', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const board = tensorBoard(runs().open, { model, images: (async () => ({})) as never });
    await expect(board.onEpochEnd(0, {})).rejects.toThrow(
      'tensorBoard: images must be a function that is not async, got {}',
    );
    vi.mocked(console.error).mockRestore();
  });
});
