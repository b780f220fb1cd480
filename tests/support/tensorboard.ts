import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { python, runPython } from './python.js';

const READER = fileURLToPath(new URL('./events.py', import.meta.url));

type Stamped<T> = ({ step: number; wall_time: number } & T)[];

/** What a run holds, as TensorBoard's own reader finds it; not every number is finite. */
export interface Run {
  scalars: Record<string, Stamped<{ value: number | string }>>;
  histograms: Record<string, Stamped<{ histogram_value: HistogramValue }>>;
  images: Record<string, Stamped<{ size: [number, number]; pictures: Picture[] }>>;
  text: Record<string, Stamped<{ text: string }>>;
  graph: { node: GraphNode[] } | null;
}
export interface HistogramValue {
  min: number;
  max: number;
  num: number;
  sum: number;
  sum_squares: number;
  bucket_limit: number[];
  bucket: number[];
}
export interface Picture {
  shape: number[];
  data: number[];
}
export interface GraphNode {
  name: string;
  op: string;
  input?: string[];
  attr: Record<string, Record<string, unknown>>;
}

/** Every value of a run's directory. */
export async function readRun(directory: string): Promise<Run> {
  return (await read('values', directory)) as Run;
}

/** For each length n, how many events the first n bytes of an event file hold. */
export async function countEventsAtEveryCut(file: string): Promise<number[]> {
  return (await read('cuts', file)) as number[];
}

async function read(command: string, path: string): Promise<unknown> {
  return JSON.parse((await runPython(READER, command, path)).stdout);
}

/** Starts a TensorBoard on a free port of the loopback interface. */
export async function startTensorBoard(
  logDir: string,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const args = ['-m', 'tensorboard.main', '--logdir', logDir, '--host', '127.0.0.1', '--port', '0'];
  const server = spawn(python!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const stopped = new Promise<void>((resolve) => server.on('close', () => resolve()));
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const address = /http:\/\/[\d.]+:\d+\//.exec(said);
      if (address) resolve(address[0]);
    });
    server.on('close', () => reject(new Error(`TensorBoard ended: ${said}`)));
  });
  const stop = () => {
    server.kill();
    return stopped;
  };
  return { url, stop };
}
