import { expect, it } from 'vitest';
import { frame } from '../../src/summary/record.js';

// What tf.io.TFRecordWriter of TensorFlow 2.21 writes for b"123456789" and for b"".
const WRITTEN = [
  ['123456789', '090000000000000037f97139313233343536373839e5b08ac7'],
  ['', '000000000000000029039807d8ea82a2'],
] as const;

it.each(WRITTEN)('a record of %j is what TensorFlow makes of it', (text, bytes) => {
  expect(Buffer.from(frame(new TextEncoder().encode(text))).toString('hex')).toBe(bytes);
});
