// @ts-check
import { encode } from 'fast-png';
import { SIDE } from './data.js';

export const COLUMNS = 10;
const SCALE = 3;
const CELL = SIDE * SCALE;
const GAP = 8;
const MARGIN = 24;

/** Ink and paper as [red, green, blue]: originals are black, reconstructions blue. */
const INKS = [
  [24, 24, 27],
  [29, 78, 216],
];
const PAPER = [255, 255, 255];

/**
 * A PNG: rows of originals, each above the row of their reconstructions.
 *
 * @param {Float32Array} originals
 * @param {Float32Array} reconstructions
 */
export function grid(originals, reconstructions) {
  const count = originals.length / SIDE ** 2;
  const columns = Math.min(COLUMNS, count);
  const pairs = Math.floor(count / columns);
  const width = 2 * MARGIN + columns * (CELL + GAP) - GAP;
  const height = 2 * MARGIN + pairs * (2 * CELL + MARGIN) - MARGIN;
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let pair = 0; pair < pairs; pair++)
    for (let column = 0; column < columns; column++)
      for (const [row, images] of [originals, reconstructions].entries()) {
        const at = (pair * columns + column) * SIDE ** 2;
        const left = MARGIN + column * (CELL + GAP);
        const top = MARGIN + pair * (2 * CELL + MARGIN) + row * CELL;
        draw(images.subarray(at, at + SIDE ** 2), INKS[row], { data, width, left, top });
      }
  return encode({ width, height, data, channels: 3 });
}

/**
 * @param {Float32Array} image
 * @param {number[]} ink
 * @param {{ data: Uint8Array, width: number, left: number, top: number }} canvas
 */
function draw(image, ink, { data, width, left, top }) {
  for (let y = 0; y < CELL; y++)
    for (let x = 0; x < CELL; x++) {
      const strength = image[Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE)];
      const at = ((top + y) * width + left + x) * 3;
      for (let c = 0; c < 3; c++) data[at + c] = PAPER[c] + strength * (ink[c] - PAPER[c]);
    }
}
