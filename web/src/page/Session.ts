import type { Opening, Order, Report } from '../protocol.js';

/** A worker with one backend and one model; another backend needs another worker. */
export class Session {
  readonly opening: Opening;
  readonly #worker: Worker;
  #closed = false;

  constructor(opening: Opening, hear: (report: Report) => void) {
    this.opening = opening;
    this.#worker = new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module' });
    const hearUnlessClosed = (report: Report) => {
      if (!this.#closed) hear(report);
    };
    this.#worker.addEventListener('message', ({ data }) => hearUnlessClosed(data));
    this.#worker.addEventListener('error', ({ message = 'its script could not be loaded' }) =>
      hearUnlessClosed({ type: 'failed', message: `The worker failed: ${message}` }),
    );
    this.order({ type: 'open', ...opening });
  }

  isFor({ backend, threads }: Pick<Opening, 'backend' | 'threads'>): boolean {
    return this.opening.backend === backend && this.opening.threads === threads;
  }

  order(order: Order): void {
    this.#worker.postMessage(order);
  }

  /** Ends it at once, whatever it does. */
  close(): void {
    this.#closed = true;
    this.#worker.terminate();
  }
}
