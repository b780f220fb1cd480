// What the pages of the browser test call.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import * as summary from '../../src/summary/index.js';

/** Trains a model for two epochs with the callback. */
async function fit(logDir: string): Promise<void> {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [4], units: 4 })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.randomUniform([20, 4]);
  await model.fit(x, x, {
    epochs: 2,
    validationSplit: 0.2,
    verbose: 0,
    callbacks: summary.tensorBoard(logDir, {
      histogramFreq: 1,
      images: () => ({ inputs: tf.reshape(x, [20, 2, 2, 1]) }),
    }),
  });
}

/** Writes some steps and leaves the writer open. */
async function writeAndFlush(logDir: string, steps: number[]): Promise<void> {
  const writer = new summary.SummaryWriter(logDir);
  for (const step of steps) {
    writer.scalar('loss', step, step);
    await writer.flush();
  }
  writer.scalar('loss', -1, 1000); // never flushed
}

let full: summary.SummaryWriter;

/** Writes more and more text until the disk is full; then says why, and how many steps are safe. */
async function fill(logDir: string): Promise<{ message: string; safe: number }> {
  full = new summary.SummaryWriter(logDir);
  for (let step = 0; ; step++) {
    full.text('loss', 'x'.repeat(10_000), step);
    try {
      await full.flush();
    } catch (error) {
      return { message: (error as Error).message, safe: step };
    }
  }
}

/** Flushes what `fill` could not. */
const flushRest = () => full.flush();

export const exported = { fill, flushRest, fit, writeAndFlush, downloadLogs: summary.downloadLogs };
export type Page = typeof exported;
