import { tensor, zeros } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { type EventSink, SummaryWriter } from '../../src/summary/index.js';
import { byTag, decode } from '../support/eventLog.js';
import { memorySink } from '../support/memorySink.js';

const never = { flushSeconds: 1e9 };
const always = { flushSeconds: 0 };

describe('SummaryWriter', () => {
  it('begins with the version that TensorBoard looks for', async () => {
    const sink = memorySink();
    await new SummaryWriter(sink).close();
    expect(decode(sink.bytes())).toMatchObject([{ file_version: 'brain.Event:2' }]);
  });

  it('stamps events with the clock, or with the wall time that it is given', async () => {
    const sink = memorySink();
    const before = Date.now() / 1000;
    await new SummaryWriter(sink).close();
    await new SummaryWriter(sink, { wallTime: () => 12.5 }).close();
    const [now, given] = decode(sink.bytes());
    expect(now!.wall_time).toBeGreaterThanOrEqual(before);
    expect(now!.wall_time).toBeLessThanOrEqual(Date.now() / 1000);
    expect(given!.wall_time).toBe(12.5);
  });

  it('keeps events in memory until flush', async () => {
    const sink = memorySink();
    const writer = new SummaryWriter(sink, never);
    writer.scalar('loss', 1, 0);
    expect(sink.bytes()).toHaveLength(0);
    await writer.flush();
    expect(byTag(sink.bytes()).loss).toHaveLength(1);
    await writer.close();
  });

  it('flushes by itself when flushSeconds have passed', () => {
    const sink = memorySink();
    new SummaryWriter(sink, always).scalar('loss', 1, 0);
    expect(byTag(sink.bytes()).loss).toHaveLength(1);
  });

  it('closes its sink once', async () => {
    const sink = memorySink();
    const writer = new SummaryWriter(sink);
    await writer.close();
    await writer.close();
    expect(sink.closed()).toBe(true);
  });

  it('keeps the order of events on a slow sink', async () => {
    const sink = memorySink();
    const slow: EventSink = {
      ...sink,
      append: async (bytes) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        sink.append(bytes);
      },
    };
    const writer = new SummaryWriter(slow, always);
    for (let step = 0; step < 20; step++) writer.scalar('loss', step, step);
    await writer.flush();
    for (let step = 20; step < 25; step++) writer.scalar('loss', step, step);
    await writer.close();
    expect(byTag(sink.bytes()).loss!.map((event) => event.step)).toEqual([...Array(25).keys()]);
  });
});

describe('a sink that fails', () => {
  function failing(async: boolean): EventSink & { mend: () => void; bytes: () => Uint8Array } {
    const sink = memorySink();
    let broken = false;
    let calls = 0;
    return {
      ...sink,
      append(bytes) {
        if (calls++ === 1) broken = true;
        if (!broken) return sink.append(bytes);
        const error = new Error('ENOSPC: no space left on device, write');
        if (async) return Promise.reject(error);
        throw error;
      },
      mend: () => {
        broken = false;
      },
    };
  }
  const message =
    "SummaryWriter: cannot write 'memory': ENOSPC: no space left on device, write; " +
    'the events flushed before are intact';

  it.each([false, true])(
    'fails flush, and loses nothing once it works (async: %s)',
    async (async) => {
      const sink = failing(async);
      const writer = new SummaryWriter(sink, never);
      writer.scalar('loss', 1, 0);
      await writer.flush();
      writer.scalar('loss', 2, 1);
      await expect(writer.flush()).rejects.toThrow(message);
      expect(byTag(sink.bytes()).loss).toHaveLength(1);
      sink.mend();
      writer.scalar('loss', 3, 2);
      await writer.close();
      expect(byTag(sink.bytes()).loss!.map((event) => event.simple_value)).toEqual([1, 2, 3]);
    },
  );

  it('fails the call that was to flush, and keeps its event', async () => {
    const sink = failing(false);
    const writer = new SummaryWriter(sink, always);
    expect(() => writer.scalar('loss', 1, 0)).toThrow(message);
    sink.mend();
    await writer.close();
    expect(byTag(sink.bytes()).loss).toHaveLength(1);
  });

  it('fails the call after, when the sink is asynchronous, and keeps its event too', async () => {
    const sink = failing(true);
    const writer = new SummaryWriter(sink, always);
    writer.scalar('loss', 1, 0);
    await new Promise((resolve) => setTimeout(resolve));
    expect(() => writer.scalar('loss', 2, 1)).toThrow(message);
    sink.mend();
    await writer.close();
    expect(byTag(sink.bytes()).loss!.map((event) => event.step)).toEqual([0, 1]);
  });

  it('fails close, and is released all the same', async () => {
    const memory = memorySink();
    const sink = { ...memory, append: () => Promise.reject(new Error('EIO')) };
    await expect(new SummaryWriter(sink, never).close()).rejects.toThrow(
      "cannot write 'memory': EIO",
    );
    expect(memory.closed()).toBe(true);
  });
});

describe('bad input', () => {
  async function refused(call: (writer: SummaryWriter) => unknown, message: string) {
    const sink = memorySink();
    const writer = new SummaryWriter(sink, never);
    writer.scalar('loss', 1, 0);
    await expect(async () => call(writer)).rejects.toThrow(message);
    await writer.close();
    expect(decode(sink.bytes())).toHaveLength(2);
  }

  it.each([
    ['a tag that is empty', '', "SummaryWriter: tag must be a non-empty string, got ''"],
    ['a tag that is no string', 3, 'SummaryWriter: tag must be a non-empty string, got 3'],
  ])('%s is refused', async (_, tag, message) => {
    await refused((writer) => writer.scalar(tag as string, 1, 0), message);
  });

  it.each([
    [0.5, '0.5'],
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [2 ** 53, '9007199254740992'],
    ['3', "'3'"],
  ])('the step %s is refused', async (step, shown) => {
    const message = `SummaryWriter: the step of 'x' must be an integer from 0 to 2^53 − 1, got ${shown}`;
    await refused((writer) => writer.scalar('x', 1, step as number), message);
    await refused((writer) => writer.text('x', 'a', step as number), message);
    await refused((writer) => writer.histogram('x', [1], step as number), message);
    await refused((writer) => writer.image('x', zeros([2, 2, 1]), step as number), message);
  });

  it('a value that is no number is refused', async () => {
    await refused(
      (writer) => writer.scalar('x', '1' as unknown as number, 0),
      "SummaryWriter: the value of 'x' must be a number, got '1'",
    );
  });

  it('a text that is no string is refused', async () => {
    await refused(
      (writer) => writer.text('x', 5 as unknown as string, 0),
      "SummaryWriter: the text of 'x' must be a string, got 5",
    );
  });

  it('a histogram of strings is refused', async () => {
    await refused(
      (writer) => writer.histogram('x', tensor(['a']), 0),
      "SummaryWriter: the values of 'x' must be real numbers, got 'string'",
    );
  });

  it('a tag that holds another kind is refused', async () => {
    const message = "SummaryWriter: tag 'loss' already holds scalars, it can't hold ";
    await refused((writer) => writer.histogram('loss', [1], 0), `${message}histograms`);
    await refused((writer) => writer.image('loss', zeros([2, 2, 1]), 0), `${message}images`);
    await refused((writer) => writer.text('loss', 'a', 0), `${message}text`);
  });

  it('a histogram is refused whose count of NaNs would go where something else is', async () => {
    await refused(async (writer) => {
      await writer.histogram('loss', [1, Number.NaN], 0).then(() => expect.fail('no error'));
    }, "SummaryWriter: tag 'loss' already holds scalars, it can't hold histograms");
    const sink = memorySink();
    const writer = new SummaryWriter(sink, never);
    writer.text('h/nonfinite', 'mine', 0);
    await expect(writer.histogram('h', [1, Number.NaN], 0)).rejects.toThrow(
      "SummaryWriter: tag 'h/nonfinite' already holds text, it can't hold scalars",
    );
    await writer.close();
    expect(Object.keys(byTag(sink.bytes()))).toEqual(['h/nonfinite']);
  });

  it('an image of the wrong rank, size or type is refused', async () => {
    await refused(
      (writer) => writer.image('x', zeros([2, 2]), 0),
      'SummaryWriter: an image must be of shape [h, w, c] or [b, h, w, c], got [2, 2]',
    );
    await refused(
      (writer) => writer.image('x', zeros([2, 2, 5]), 0),
      'SummaryWriter: an image must have pixels of 1 to 4 channels, got shape [2, 2, 5]',
    );
    await refused(
      (writer) => writer.image('x', zeros([1, 0, 2, 3]), 0),
      'SummaryWriter: an image must have pixels of 1 to 4 channels, got shape [1, 0, 2, 3]',
    );
    await refused(
      (writer) => writer.image('x', zeros([2, 2, 1], 'bool'), 0),
      'SummaryWriter: an image must be float32 or int32, got bool',
    );
  });

  it('a model without a graph is refused', async () => {
    const rule =
      'SummaryWriter: graph takes a built LayersModel (an empty tf.sequential() has no graph)';
    await refused((writer) => writer.graph(sequential({ name: 'empty' })), `${rule}, got 'empty'`);
    await refused((writer) => writer.graph(undefined as never), `${rule}, got undefined`);
  });

  it('a closed writer refuses everything', async () => {
    const writer = new SummaryWriter(memorySink());
    await writer.close();
    const message = "SummaryWriter: 'memory' is closed";
    expect(() => writer.scalar('x', 1, 0)).toThrow(message);
    expect(() => writer.text('x', 'a', 0)).toThrow(message);
    expect(() => writer.graph(sequential())).toThrow(message);
    await expect(writer.histogram('x', [1], 0)).rejects.toThrow(message);
    await expect(writer.image('x', zeros([2, 2, 1]), 0)).rejects.toThrow(message);
    await expect(writer.flush()).rejects.toThrow(message);
  });

  it('bad options are refused', () => {
    expect(() => new SummaryWriter(memorySink(), { flushSeconds: -1 })).toThrow(
      'SummaryWriter: flushSeconds must be at least 0, got -1',
    );
    expect(() => new SummaryWriter(memorySink(), { wallTime: 5 as never })).toThrow(
      'SummaryWriter: wallTime must be a function, got 5',
    );
  });
});
