import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { walk } from '../../src/core/walk.js';

it('walk visits nested models depth first, with the names that lead to each layer', () => {
  const dense = (name: string) => tfl.layers.dense({ units: 2, name });
  const first = tfl.layers.dense({ units: 2, name: 'first', inputShape: [2] });
  const inner = tfl.sequential({ name: 'inner', layers: [first, dense('second')] });
  const outer = tfl.sequential({ name: 'outer', layers: [inner, dense('third')] });
  const paths = [...walk(outer)].map(({ path }) => path.join('/'));
  expect(paths.filter((p) => !p.includes('input'))).toEqual([
    'inner',
    'inner/first',
    'inner/second',
    'third',
  ]);
});
