import crc32c from 'crc-32/crc32c.js';

/** CRC-32C, rotated and offset as TFRecord files keep it. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * One record of a TFRecord file: `uint64 length, masked crc(length), data, masked crc(data)`, little
 * endian. A reader notices a record that was cut short or damaged.
 */
export function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(data.length + 12, maskedCrc(data), true);
  return record;
}
