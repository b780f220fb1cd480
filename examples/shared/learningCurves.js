// @ts-check
import * as Plot from '@observablehq/plot';
import { COLOURS, savePlot } from './plot.js';

/**
 * What several runs of a kind reached after an epoch.
 *
 * @typedef {{ kind: string, epoch: number, mean: number, least: number, most: number }} Spread
 */

/**
 * The mean and the spread of the runs of each kind, epoch by epoch.
 *
 * @param {{ kind: string, epoch: number, value: number }[]} points
 * @returns {Spread[]}
 */
export function spreads(points) {
  /** @type {Map<string, { kind: string, epoch: number, values: number[] }>} */
  const groups = new Map();
  for (const { kind, epoch, value } of points) {
    const key = JSON.stringify([kind, epoch]);
    const group = groups.get(key) ?? { kind, epoch, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return Array.from(groups.values(), ({ kind, epoch, values }) => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return { kind, epoch, mean, least: Math.min(...values), most: Math.max(...values) };
  });
}

/**
 * A line for each kind, named at its end, in a band from the least to the most, as a PNG.
 *
 * @param {string} name of the file
 * @param {Spread[]} points
 * @param {string} label of the values
 */
export async function saveLearningCurves(name, points, label) {
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  const last = Math.max(...points.map(({ epoch }) => epoch));
  const fill = (/** @type {Spread} */ { kind }) => COLOURS[kinds.indexOf(kind)];
  await savePlot(name, {
    marginRight: 150,
    x: { label: 'epoch', ticks: last, tickFormat: 'd' },
    y: { label, grid: true, nice: true },
    marks: [
      Plot.areaY(points, { x: 'epoch', y1: 'least', y2: 'most', z: 'kind', fill, opacity: 0.2 }),
      Plot.lineY(points, { x: 'epoch', y: 'mean', z: 'kind', stroke: fill, strokeWidth: 2 }),
      Plot.text(
        points.filter(({ epoch }) => epoch === last),
        { x: 'epoch', y: 'mean', text: 'kind', fill, fontWeight: 600, textAnchor: 'start', dx: 8 },
      ),
    ],
  });
}
