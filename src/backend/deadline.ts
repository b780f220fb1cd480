/** Waits for `work`, but no longer than is left; `late` gets what arrives after that. */
export type Deadline = <T>(work: Promise<T> | T, late?: (value: T) => void) => Promise<T>;

/** A timer for longer than this would end at once. */
const LONGEST = 2 ** 31 - 1;

/** A limit for several steps together: `ms` from now all that is awaited with it is given up. */
export function deadline(ms: number): Deadline {
  const end = performance.now() + ms;
  return async (work, late) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let expired = false;
    const settled = Promise.resolve(work);
    settled.then(
      (value) => {
        if (expired) late?.(value);
      },
      () => {},
    );
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => {
          expired = true;
          reject(new Error(`no answer within ${ms} ms`));
        },
        Math.min(end - performance.now(), LONGEST),
      );
    });
    try {
      return await Promise.race([settled, limit]);
    } finally {
      clearTimeout(timer);
    }
  };
}
