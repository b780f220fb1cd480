// @ts-check
import { parentPort, workerData } from 'node:worker_threads';
import { saveSafetensors } from 'tfjs-blocks/weights';
import { trainClassifier } from '../shared/classifier.js';

const { model } = await trainClassifier(workerData, () => parentPort?.postMessage('step'));
const bytes = await saveSafetensors(model);
parentPort?.postMessage(bytes, [bytes.buffer]);
