// @ts-check
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { FONT, INK, savePng } from './render.js';

/** Colours that can be told apart by everyone, for as many lines as there may be. */
export const COLOURS = ['#71717a', '#1d4ed8', '#c2410c', '#15803d'];

/**
 * Draws with Observable Plot and writes a PNG.
 *
 * @param {string} name of the file
 * @param {Plot.PlotOptions} options
 */
export async function savePlot(name, options) {
  const { document } = parseHTML('<html><body></body></html>');
  const svg = Plot.plot({
    document,
    width: 720,
    height: 420,
    marginTop: 44,
    marginLeft: 56,
    marginRight: 24,
    marginBottom: 44,
    ...options,
    x: { labelAnchor: 'center', labelArrow: 'none', ...options.x },
    style: { color: INK, fontFamily: FONT, fontSize: '13px' },
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  await savePng(name, svg.outerHTML);
}
