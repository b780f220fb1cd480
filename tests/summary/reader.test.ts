import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SummaryWriter } from '../../src/summary/index.js';
import { byTag, graphIn } from '../support/eventLog.js';
import { noise } from '../support/float64.js';
import { withoutPython } from '../support/python.js';
import { countEventsAtEveryCut, type Run, readRun } from '../support/tensorboard.js';

const directory = mkdtempSync(join(tmpdir(), 'summary-'));
afterAll(() => rmSync(directory, { recursive: true }));

// TensorBoard takes its time to start.
const PATIENCE = 120_000;

const VALUES = [0, -0, 1.5, -3e38, 1e-45, 1e300, Number.NaN, Infinity, -Infinity];
const STEPS = [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40 + 1, 2 ** 53 - 1];
const TAGS = Array.from({ length: 300 }, (_, i) => `group ${i % 7}/tag ${i} ü→🙂`);
const NORMAL = noise(1000);
const PIXELS = Array.from({ length: 24 }, (_, i) => i * 10);

/** Writes one of everything and returns the file's bytes. */
async function write(): Promise<Uint8Array> {
  const writer = new SummaryWriter(`${directory}/run`);
  VALUES.forEach((value, i) => {
    writer.scalar('values', value, i);
  });
  for (const step of STEPS) writer.scalar('steps', 1, step);
  TAGS.forEach((tag, i) => {
    writer.scalar(tag, i, i);
  });
  await writer.histogram('normal', NORMAL, 5);
  await writer.histogram('broken', [1, Number.NaN, Infinity, 1e-30, -1e30], 6);
  await writer.image('batch', tensor(PIXELS, [2, 2, 2, 3], 'int32'), 7);
  await writer.image('grey', tensor([0, 0.5, 1, Number.NaN], [2, 2, 1]), 8);
  writer.text('note', '# Title\n\nsome *text* with ü→🙂', 9);
  const encoder = tfl.sequential({
    name: 'encoder',
    layers: [
      tfl.layers.conv2d({ name: 'conv', inputShape: [8, 8, 1], filters: 4, kernelSize: 3 }),
      tfl.layers.flatten({ name: 'flat' }),
    ],
  });
  const head = tfl.layers.dense({ name: 'head', units: 2 });
  writer.graph(tfl.sequential({ layers: [encoder, head] }));
  await writer.close();
  return readFileSync(join(`${directory}/run`, readdirSync(`${directory}/run`)[0]!));
}

const shown = (value: number) => (Number.isFinite(value) ? value : String(value));

describe.skipIf(withoutPython)(`TensorBoard's own reader${withoutPython}`, () => {
  let bytes: Uint8Array;
  let run: Run;
  beforeAll(async () => {
    bytes = await write();
    run = await readRun(`${directory}/run`);
  }, PATIENCE);

  it('gives back every scalar as float32, NaN and infinities too', () => {
    const values = run.scalars.values!.map(({ step, value }) => [step, value]);
    expect(values).toEqual(VALUES.map((value, step) => [step, shown(Math.fround(value))]));
  });

  it('gives back steps up to 2^53 − 1, and the wall time', () => {
    expect(run.scalars.steps!.map(({ step }) => step)).toEqual(STEPS);
    const ages = run.scalars.steps!.map(({ wall_time }) => Date.now() / 1000 - wall_time);
    expect(Math.max(...ages.map(Math.abs))).toBeLessThan(300);
  });

  it('gives back hundreds of tags, whatever their letters', () => {
    for (const [i, tag] of TAGS.entries()) {
      expect(run.scalars[tag]).toEqual([expect.objectContaining({ step: i, value: i })]);
    }
  });

  it('gives back histograms: the moments, the limits and the counts', () => {
    const written = byTag(bytes);
    const { step, histogram_value } = run.histograms.normal![0]!;
    expect(step).toBe(5);
    expect(histogram_value).toEqual(written.normal![0]!.histo);
    expect(histogram_value.num).toBe(1000);
    expect(histogram_value.bucket.reduce((a, b) => a + b)).toBe(1000);
    expect(run.histograms.broken![0]!.histogram_value).toMatchObject({
      num: 3,
      min: -1e30,
      max: 1,
    });
    expect(run.scalars['broken/nonfinite']![0]).toMatchObject({ step: 6, value: 2 });
  });

  it('gives back images, decoded', () => {
    const { step, size, pictures } = run.images.batch![0]!;
    expect([step, size]).toEqual([7, [2, 2]]);
    expect(pictures).toEqual([
      { shape: [2, 2, 3], data: PIXELS.slice(0, 12) },
      { shape: [2, 2, 3], data: PIXELS.slice(12) },
    ]);
    expect(run.images.grey![0]!.pictures).toEqual([
      { shape: [2, 2, 3], data: [0, 0, 0, 128, 128, 128, 255, 255, 255, 255, 0, 0] },
    ]);
  });

  it('gives back text', () => {
    expect(run.text.note).toEqual([
      expect.objectContaining({ step: 9, text: '# Title\n\nsome *text* with ü→🙂' }),
    ]);
  });

  it('gives back the graph: names, ops, edges and shapes', () => {
    const nodes = run.graph!.node;
    expect(nodes.map(({ name, op, input = [] }) => [name, op, input])).toEqual([
      ['conv_input', 'Placeholder', []],
      ['encoder/conv', 'Conv2D', ['conv_input', 'encoder/conv/kernel', 'encoder/conv/bias']],
      ['encoder/conv/kernel', 'VariableV2', []],
      ['encoder/conv/bias', 'VariableV2', []],
      ['encoder/flat', 'Flatten', ['encoder/conv']],
      ['head', 'Dense', ['encoder/flat', 'head/kernel', 'head/bias']],
      ['head/kernel', 'VariableV2', []],
      ['head/bias', 'VariableV2', []],
    ]);
    expect(nodes[1]!.attr._output_shapes).toEqual({
      list: { shape: [{ dim: ['-1', '6', '6', '4'].map((size) => ({ size })) }] },
    });
    expect(graphIn(bytes).node).toHaveLength(nodes.length);
  });

  it(
    'reads a file that is cut at any byte up to the last whole record',
    async () => {
      const writer = new SummaryWriter(`${directory}/cut`);
      for (let step = 0; step < 4; step++) writer.scalar('loss', step, step);
      await writer.histogram('h', [1, 2, 3], 4);
      await writer.close();
      const file = join(`${directory}/cut`, readdirSync(`${directory}/cut`)[0]!);
      const whole = readFileSync(file);
      const ends: number[] = [];
      for (let at = 0; at < whole.length; ) {
        at += whole.readUInt32LE(at) + 16;
        ends.push(at);
      }
      expect(ends).toHaveLength(6);
      const expected = Array.from({ length: whole.length + 1 }, (_, length) => {
        return ends.filter((end) => end <= length).length;
      });
      expect(await countEventsAtEveryCut(file)).toEqual(expected);
    },
    PATIENCE,
  );
});
