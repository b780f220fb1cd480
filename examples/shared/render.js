// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { pathOf } from './options.js';

export const FONT = 'Inter, sans-serif';
export const INK = '#18181b';

const { resolve } = createRequire(import.meta.url);
// The font comes along, so that a picture is the same on a machine that has none.
const fontBuffers = await Promise.all(
  [400, 600].map((weight) =>
    readFile(resolve(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`)),
  ),
);
await initWasm(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));

/**
 * Draws an SVG on white at twice its size, writes it as a PNG and says where.
 *
 * @param {string} name of the file
 * @param {string} svg
 */
export async function savePng(name, svg) {
  const image = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontBuffers, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
  });
  const path = pathOf(name);
  await writeFile(path, image.render().asPng());
  image.free();
  console.log(`\nThe picture: ${path}`);
}
