import { expect, it } from 'vitest';
import { KNOWN } from '../../src/backend/probe.js';

const SIZES = [0, 1];

it('expects what the sums of the definition give', () => {
  const { x, w, dy } = KNOWN;
  const y = new Array(8).fill(0);
  const dx = new Array(18).fill(0);
  const dw = new Array(16).fill(0);
  for (const row of SIZES)
    for (const col of SIZES)
      for (const o of SIZES)
        for (const a of SIZES)
          for (const b of SIZES)
            for (const i of SIZES) {
              const atY = (row * 2 + col) * 2 + o;
              const atX = ((row + a) * 3 + col + b) * 2 + i;
              const atW = ((a * 2 + b) * 2 + i) * 2 + o;
              y[atY] += x[atX]! * w[atW]!;
              dx[atX] += dy[atY]! * w[atW]!;
              dw[atW] += dy[atY]! * x[atX]!;
            }
  expect({ y, dx, dw }).toEqual({ y: KNOWN.y, dx: KNOWN.dx, dw: KNOWN.dw });
});
