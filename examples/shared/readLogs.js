// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PbfReader } from 'pbf';

/** Fields of a summary's value, and what has them (TensorFlow's summary.proto). */
const KINDS = new Map([
  [2, 'scalar'],
  [5, 'histogram'],
  [8, 'image'],
]);

/**
 * What a log directory holds: the run, the kind and the tag of each point.
 *
 * @param {string} folder
 */
export function readLogs(folder) {
  /** @type {{ run: string, kind: string, tag: string }[]} */
  const points = [];
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.includes('tfevents')) continue;
    const bytes = readFileSync(join(folder, file));
    const run = dirname(file);
    // Each record is the length of its event in 8 bytes, a checksum, the event, and a checksum.
    for (let at = 0, length = 0; at < bytes.length; at += length + 16) {
      length = Number(bytes.readBigUInt64LE(at));
      new PbfReader(bytes.subarray(at + 12, at + 12 + length)).readFields((field, _, event) => {
        if (field === 4) points.push({ run, kind: 'graph', tag: '' });
        if (field === 5) event.readMessage(() => points.push({ run, ...valueIn(event) }), null);
      }, null);
    }
  }
  return points;
}

/** @param {PbfReader} summary */
function valueIn(summary) {
  return summary.readMessage(
    (field, value, pbf) => {
      if (field === 1) value.tag = pbf.readString();
      value.kind = KINDS.get(field) ?? value.kind;
    },
    { kind: '', tag: '' },
  );
}
