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

export const exported = { fit, writeAndFlush, downloadLogs: summary.downloadLogs };
export type Page = typeof exported;
