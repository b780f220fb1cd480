let files = 0;

/**
 * A new event file's name. TensorBoard knows it by `tfevents` and reads the files of a run in the
 * order of their names, so the time leads it, with the milliseconds after the host.
 */
export function eventFileName(host: string): string {
  const [seconds, milliseconds] = (Date.now() / 1000).toFixed(3).split('.');
  const unique = Math.floor(Math.random() * 2 ** 32).toString(16);
  const number = String(files++).padStart(6, '0');
  return `events.out.tfevents.${seconds}.${host || 'local'}.${milliseconds}.${number}.${unique}`;
}
