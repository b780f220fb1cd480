import type { BackendName, BackendReport } from 'tfjs-blocks/backend';

/** What can be chosen. */
export type Choice = BackendName | 'wasm-threads';

const NAMES: Record<BackendName, string> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'plain JavaScript',
};

/** What to ask of `useBackend` for a choice. */
export function requestFor(choice: Choice): { backend: BackendName; threads?: number } {
  if (choice === 'wasm-threads') return { backend: 'wasm', threads: navigator.hardwareConcurrency };
  return choice === 'wasm' ? { backend: 'wasm', threads: 1 } : { backend: choice };
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
  if (choice !== 'wasm-threads' || report.threads > 1) return [];
  const reason = crossOriginIsolated
    ? 'this machine has too few cores for more'
    : 'the server that sent this page does not send the headers for threads';
  return [`WebAssembly runs on one thread: ${reason}.`];
}
