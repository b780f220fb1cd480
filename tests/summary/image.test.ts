import { type Tensor, tensor, tensor3d } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { decode as decodePng } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { SummaryWriter } from '../../src/summary/index.js';
import { byTag } from '../support/eventLog.js';
import { memorySink } from '../support/memorySink.js';

const text = new TextDecoder();

async function written(image: Tensor) {
  const sink = memorySink();
  const writer = new SummaryWriter(sink);
  await writer.image('x', image, 0);
  await writer.close();
  image.dispose();
  const [width, height, ...pngs] = byTag(sink.bytes()).x![0]!.tensor!.string_val!;
  const pictures = pngs.map((png) => decodePng(png));
  for (const picture of pictures) {
    expect([picture.width, picture.height].map(String)).toEqual(
      [width, height].map((s) => text.decode(s)),
    );
  }
  return pictures.map(({ data, channels }) => ({ data: [...data], channels }));
}

describe('image', () => {
  it('maps [0, 1] of a float to [0, 255], rounds, and clips the rest', async () => {
    const image = tensor3d([0, 1, 0.5, -3, 7, 0.2, Infinity, -Infinity], [2, 4, 1]);
    expect(await written(image)).toEqual([
      { data: [0, 255, 128, 0, 255, 51, 255, 0], channels: 1 },
    ]);
  });

  it('takes integers as they are, and clips them', async () => {
    const image = tensor3d([0, 128, 255, -1, 300, 7], [1, 2, 3], 'int32');
    expect(await written(image)).toEqual([{ data: [0, 128, 255, 0, 255, 7], channels: 3 }]);
  });

  it.each([1, 2, 3, 4])('keeps %s channels', async (channels) => {
    const values = Array.from({ length: 6 * channels }, (_, i) => i * 10);
    const image = tensor3d(values, [2, 3, channels], 'int32');
    expect(await written(image)).toEqual([{ data: values, channels }]);
  });

  it('writes a batch as the samples of one tag', async () => {
    const values = [1, 2, 3, 4, 5, 6];
    const image = tensor(values, [3, 1, 2, 1], 'int32');
    expect((await written(image)).map(({ data }) => data)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('paints a pixel with a NaN red, and leaves the others', async () => {
    expect(await written(tensor3d([0, Number.NaN, 1], [1, 3, 1]))).toEqual([
      { data: [0, 0, 0, 255, 0, 0, 255, 255, 255], channels: 3 },
    ]);
    const rgba = [0.2, 0.4, 0.6, 1, 0, Number.NaN, 0, 1];
    expect(await written(tensor3d(rgba, [1, 2, 4]))).toEqual([
      { data: [51, 102, 153, 255, 0, 0], channels: 3 },
    ]);
  });
});
