let writers = 0;

/**
 * A new event file's name. TensorBoard knows it by `tfevents` and reads the files of a run in the
 * order of their names, so the time comes first.
 */
export function eventFileName(host: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  const unique = Math.floor(Math.random() * 2 ** 32).toString(16);
  return `events.out.tfevents.${seconds}.${host || 'local'}.${writers++}.${unique}`;
}
