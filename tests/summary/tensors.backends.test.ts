import { tensor, tidy } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import {
  SummaryWriter,
  summarizeActivations,
  summarizeVariables,
} from '../../src/summary/index.js';
import { onEveryBackend } from '../support/backends.js';
import { memorySink } from '../support/memorySink.js';

async function written(write: (writer: SummaryWriter) => Promise<void>): Promise<Uint8Array> {
  const sink = memorySink();
  const writer = new SummaryWriter(sink, { wallTime: () => 1 });
  await write(writer);
  await writer.close();
  return sink.bytes();
}

onEveryBackend(() => {
  it('a histogram of a tensor is that of its values', async () => {
    const values = [0.5, -2, 0, 3];
    const x = tensor(values, [2, 2]);
    expect(await written((writer) => writer.histogram('h', x, 1))).toEqual(
      await written((writer) => writer.histogram('h', values, 1)),
    );
    x.dispose();
  });

  it('an image of floats is that of the integers they stand for', async () => {
    const bytes = [0, 51, 102, 255];
    const [floats, integers] = [
      tensor(
        bytes.map((byte) => byte / 255),
        [2, 2, 1],
      ),
      tensor(bytes, [2, 2, 1], 'int32'),
    ];
    expect(await written((writer) => writer.image('x', floats, 1))).toEqual(
      await written((writer) => writer.image('x', integers, 1)),
    );
    floats.dispose();
    integers.dispose();
  });

  it('weights and activations are read without blocking', async () => {
    const layer = tfl.layers.dense({ units: 1, inputShape: [2], name: 'd', useBias: false });
    const model = tfl.sequential({ layers: [layer] });
    tidy(() => layer.setWeights([tensor([2, 4], [2, 1])]));
    const x = tensor([1, 1], [1, 2]);
    const found = await written(async (writer) => {
      await summarizeVariables(writer, model, 1);
      await summarizeActivations(writer, model, x, 1);
    });
    const cases: [string, number[], number, number][] = [
      ['weights/d/kernel', [2, 4], 3, 1],
      ['activations/d', [6], 6, 0],
    ];
    const expected = await written(async (writer) => {
      for (const [tag, values, mean, stddev] of cases) {
        writer.scalar(`${tag}/mean`, mean, 1);
        writer.scalar(`${tag}/stddev`, stddev, 1);
        writer.scalar(`${tag}/min`, Math.min(...values), 1);
        writer.scalar(`${tag}/max`, Math.max(...values), 1);
        await writer.histogram(`${tag}/histogram`, values, 1);
      }
      writer.scalar('activations/d/zero_fraction', 0, 1);
    });
    expect(found).toEqual(expected);
    x.dispose();
    model.dispose();
  });
});
