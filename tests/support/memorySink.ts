import type { EventSink } from '../../src/summary/index.js';

/** A sink that keeps what it is given. */
export function memorySink(): EventSink & { bytes: () => Uint8Array; closed: () => boolean } {
  const chunks: Uint8Array[] = [];
  let closed = false;
  return {
    name: 'memory',
    append: (bytes) => void chunks.push(bytes),
    close: () => {
      closed = true;
    },
    bytes: () => Uint8Array.from(chunks.flatMap((chunk) => [...chunk])),
    closed: () => closed,
  };
}
