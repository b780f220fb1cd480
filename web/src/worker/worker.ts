import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { useBackend } from 'tfjs-blocks/backend';
import type { Opening, Order, Report } from '../protocol.js';
import { loadDigits } from './data.js';
import { watchGraphics } from './graphics.js';
import { Trainer } from './Trainer.js';

const tell = (report: Report) => postMessage(report);
let trainer: Promise<Trainer> | undefined;
let graphicsLost = () => false;

async function open({ backend, threads, model, from, digits }: Opening): Promise<Trainer> {
  const [report, data] = await Promise.all([
    useBackend({ prefer: backend, threads }),
    loadDigits(digits),
  ]);
  graphicsLost = watchGraphics(() => tell({ type: 'lost' }));
  const opened = new Trainer(model, data, tell);
  await opened.open(from);
  if (from === 'saved') await opened.check();
  tell({ type: 'opened', backend: report, step: opened.step });
  return opened;
}

async function obey(order: Order): Promise<void> {
  if (order.type === 'open') trainer = open(order);
  const model = await trainer;
  if (!model) return;
  switch (order.type) {
    case 'train':
      return model.train(order.batchSize);
    case 'stop':
      return model.stop();
    case 'save':
      await model.save();
      return tell({ type: 'saved', step: model.step });
    case 'draw':
      return tell({ type: 'drawn', answer: await model.draw(order.pixels) });
  }
}

addEventListener('message', async ({ data }: MessageEvent<Order>) => {
  try {
    await obey(data);
  } catch (error) {
    tell(graphicsLost() ? { type: 'lost' } : { type: 'failed', message: (error as Error).message });
  }
});
