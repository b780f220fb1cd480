// @ts-check
import { encode } from 'fast-png';
import { FONT, INK, savePng } from './render.js';

/** The longer side of a picture, and the spaces around it. */
const SIDE = 184;
const GAP = 20;
const TITLE = 42;

/**
 * A grey image with its title above, and under that, smaller, what else there is to say, and the colour of
 * the title and the frame. Values in [0, 1], where 1 is ink.
 *
 * @typedef {{
 *   title: string, note?: string, colour?: string,
 *   pixels: ArrayLike<number>, height: number, width: number,
 * }} Picture
 */

/**
 * Rows of pictures, each pixel a sharp square, as a PNG.
 *
 * @param {string} name of the file
 * @param {Picture[][]} rows
 */
export async function savePictures(name, rows) {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = GAP + columns * (SIDE + GAP);
  const height = GAP + rows.length * (TITLE + SIDE + GAP);
  const drawn = rows.flatMap((row, y) =>
    row.map((picture, x) => draw(picture, GAP + x * (SIDE + GAP), GAP + y * (TITLE + SIDE + GAP))),
  );
  await savePng(
    name,
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" fill="${INK}"
      font-family="${FONT}" font-size="12">${drawn.join('')}</svg>`,
  );
}

/**
 * @param {Picture} picture
 * @param {number} left
 * @param {number} top
 */
function draw(picture, left, top) {
  const { title, note = '', colour = '' } = picture;
  const data = Buffer.from(encode(enlarged(picture))).toString('base64');
  const [x, y] = [left, top + TITLE];
  return `<text x="${left}" y="${top + 12}" fill="${colour || INK}" font-size="14"
      font-weight="600">${title}</text>
    <text x="${left}" y="${top + 30}" fill="#52525b">${note}</text>
    <image x="${x}" y="${y}" width="${SIDE}" height="${SIDE}"
      href="data:image/png;base64,${data}" preserveAspectRatio="xMinYMin"/>
    <rect x="${x - 0.5}" y="${y - 0.5}" width="${SIDE + 1}" height="${SIDE + 1}" fill="none"
      stroke="${colour || '#d4d4d8'}"/>`;
}

/**
 * The image in the pixels of the PNG, so that nothing is smoothed.
 *
 * @param {Picture} picture
 */
function enlarged({ pixels, height, width }) {
  const size = 2 * SIDE;
  const data = new Uint8Array(size * size * 3);
  const inks = Array.from(pixels, grey);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const at = Math.floor((y * height) / size) * width + Math.floor((x * width) / size);
      data.set(inks[at], (y * size + x) * 3);
    }
  return { width: size, height: size, data, channels: 3 };
}

/** @param {number} value */
const grey = (value) => [24, 24, 27].map((c) => 255 + Math.min(1, Math.max(0, value)) * (c - 255));
