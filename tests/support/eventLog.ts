import type { Event, GraphDef, SummaryValue } from '../../src/summary/messages.js';
// @ts-expect-error: a tool in JavaScript
import * as proto from '../../tools/proto.js';

/** The events of a log, read without the checksums: those are TensorBoard's to judge. */
export function decode(bytes: Uint8Array): Event[] {
  const events: Event[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true);
    events.push(proto.readEvent(bytes.subarray(at + 12, at + 12 + length)));
    at += length + 16;
  }
  return events;
}

/** The values of a log by tag, in the order of writing. */
export function byTag(bytes: Uint8Array): Record<string, (SummaryValue & { step: number })[]> {
  const tags: Record<string, (SummaryValue & { step: number })[]> = {};
  for (const { step, summary } of decode(bytes)) {
    for (const value of summary?.value ?? []) {
      tags[value.tag!] ??= [];
      tags[value.tag!]!.push({ ...value, step: step! });
    }
  }
  return tags;
}

/** The model's graph in a log. */
export function graphIn(bytes: Uint8Array): GraphDef {
  return proto.readGraph(decode(bytes).find((event) => event.graph_def)!.graph_def);
}
