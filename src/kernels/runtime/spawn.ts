import { node } from '../../core/node.js';
import { WORKER } from './worker.generated.js';

/** A running src/worker.js. */
export interface Thread {
  /** Ends the thread; resolves when it can't write to memory any more. */
  terminate(): Promise<void>;
}

export interface ThreadOptions {
  /** What the thread gets to work on. */
  message: object;
  /** Where src/worker.js is served, for pages that may not run workers from a blob. */
  workerUrl: string | undefined;
  /** Called when the thread runs. */
  onUp: () => void;
  /** Called when the thread can't start, fails, or is ended by somebody else. */
  onFailure: (reason: Error) => void;
}

/** Starts a thread. In Node it doesn't keep the process alive once it runs. */
export function spawn(options: ThreadOptions): Thread {
  return node ? spawnInNode(options) : spawnInBrowser(options);
}

function spawnInNode({ message, onUp, onFailure }: ThreadOptions): Thread {
  const { Worker } = node!('node:worker_threads');
  // Without the loaders of the main thread, which would only make it slower.
  const worker = new Worker(WORKER, { eval: true, execArgv: [], name: 'tfjs-blocks' });
  let ended = false;
  worker.on('message', () => {
    worker.unref();
    onUp();
  });
  worker.on('error', onFailure);
  worker.on('exit', (code) => {
    if (!ended) onFailure(new Error(`a thread has ended with code ${code}`));
  });
  worker.postMessage(message);
  return {
    terminate: async () => {
      ended = true;
      await worker.terminate();
    },
  };
}

/** Within this time Chromium ends a worker that doesn't end by itself, and a little more. */
const TERMINATION_MS = 3000;

function spawnInBrowser({ message, workerUrl, onUp, onFailure }: ThreadOptions): Thread {
  const blob = workerUrl === undefined;
  const url = blob
    ? URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))
    : workerUrl;
  const worker = new Worker(url, { name: 'tfjs-blocks' });
  worker.onmessage = () => {
    if (blob) URL.revokeObjectURL(url);
    onUp();
  };
  worker.onerror = (event) => {
    // What is reported here needn't be logged too.
    event.preventDefault();
    const why = event.message || 'see that the page may load it';
    onFailure(new Error(`a worker from ${blob ? 'a blob: URL' : url} has failed: ${why}`));
  };
  worker.postMessage(message);
  return {
    terminate: async () => {
      worker.terminate();
      await new Promise((resolve) => setTimeout(resolve, TERMINATION_MS));
    },
  };
}
