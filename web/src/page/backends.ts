import type { BackendName, BackendReport } from 'tfjs-blocks/backend';

/** What can be chosen. */
export type Choice = BackendName | 'wasm-threads';

const NAMES: Record<BackendName, string> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'plain JavaScript',
};

/** How many threads WASM may use where they are chosen: as many as `useBackend` takes by itself. */
export const THREADS = Math.min(navigator.hardwareConcurrency, 8);

/** What to ask of `useBackend` for a choice; what comes in its place may use all threads. */
export function requestFor(choice: Choice): { backend: BackendName; threads: number } {
  if (choice === 'wasm-threads') return { backend: 'wasm', threads: THREADS };
  return { backend: choice, threads: choice === 'wasm' ? 1 : THREADS };
}

/** A backend as a person calls it. */
export function nameOf({ name, threads }: Pick<BackendReport, 'name' | 'threads'>): string {
  if (name !== 'wasm') return NAMES[name];
  return `${NAMES.wasm}, ${threads === 1 ? 'one thread' : `${threads} threads`}`;
}

/** What the choice didn't get, and why, in plain words; empty if all is as chosen. */
export function shortcomings(choice: Choice, report: BackendReport): string[] {
  const { backend } = requestFor(choice);
  if (report.name !== backend) {
    const { why } = report.tried.find(({ name }) => name === backend)!;
    return [`${NAMES[backend]} can't be used here: ${why}. It is ${nameOf(report)} instead.`];
  }
  const { whyOneThread } = report;
  return choice === 'wasm-threads' && whyOneThread
    ? [`WebAssembly runs on one thread: ${whyOneThread}.`]
    : [];
}
