export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
};

/**
 * Calls it for so many milliseconds: V8 compiles a function anew once it has run a while, and once kernels were
 * registered again, and until it has compiled what is around a kernel too, a call takes some 10 µs longer than in
 * a program that runs.
 */
export function warm(work: () => void, milliseconds: number): void {
  const stop = performance.now() + milliseconds;
  while (performance.now() < stop) work();
}

/** Milliseconds a call, of calls that last about 5 ms together. */
export function timed(work: () => void): number {
  const once = repeated(work, 1);
  return repeated(work, Math.max(1, Math.min(1000, Math.ceil(5 / once))));
}

function repeated(work: () => void, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) work();
  return (performance.now() - start) / count;
}
