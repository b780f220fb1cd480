// @ts-check
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const TRAINING = '#8d8d96';
const HELD_OUT = '#1d4ed8';
const TICKS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/**
 * An SVG of the training loss at each step, and of the held-out loss after each epoch.
 *
 * @param {import('./train.js').Losses} losses
 */
export function curves({ steps, epochs }) {
  const heldOut = epochs.map(({ epoch, heldOut }) => ({ epoch, loss: heldOut }));
  const all = [...steps, ...heldOut].map(({ loss }) => loss);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const { document } = parseHTML('<html><body></body></html>');
  const line = { x: 'epoch', y: 'loss' };
  /** @param {string} fill @param {number} dx */
  const legend = (fill, dx) =>
    /** @type {const} */ ({ frameAnchor: 'top-right', fill, dx, dy: -32, fontWeight: 600 });
  const svg = Plot.plot({
    document,
    width: 720,
    height: 400,
    marginTop: 40,
    marginBottom: 40,
    style: { background: 'white', fontFamily: 'system-ui, sans-serif', fontSize: '13px' },
    x: {
      label: 'epoch',
      ticks: epochs.map(({ epoch }) => epoch),
      tickFormat: 'd',
      domain: [0, epochs.length],
    },
    y: {
      label: 'mean squared error',
      type: 'log',
      grid: true,
      ticks: TICKS.filter((tick) => tick >= least && tick <= most),
      tickFormat: '~g',
    },
    marks: [
      Plot.lineY(steps, { ...line, stroke: TRAINING }),
      Plot.lineY(heldOut, { ...line, stroke: HELD_OUT, strokeWidth: 2 }),
      Plot.dot(heldOut, { ...line, fill: HELD_OUT, r: 3.5 }),
      Plot.text(['training'], legend(TRAINING, -170)),
      Plot.text(['held out, in inference'], legend(HELD_OUT, 0)),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg.outerHTML;
}
