import { type Unzipped, unzipSync } from 'fflate';
import { reasonOf, WeightsError } from './WeightsError.js';

/** Whether a file starts as zip archives do. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * The files of a zip archive that are wanted.
 *
 * @throws {@link WeightsError} when it is cut or broken.
 */
export function unzip(
  bytes: Uint8Array,
  file: string,
  wanted: (name: string) => boolean,
): Unzipped {
  try {
    return unzipSync(bytes, { filter: ({ name }) => wanted(name) });
  } catch (error) {
    const reason = reasonOf(error);
    throw new WeightsError(`${file} is a broken or cut zip archive: ${reason}`, { cause: error });
  }
}
