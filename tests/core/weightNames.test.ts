import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { namedWeights } from '../../src/core/weightNames.js';

const inner = () =>
  sequential({ name: 'inner', layers: [layers.dense({ name: 'a', units: 2, inputShape: [2] })] });

describe('namedWeights', () => {
  it('gives each weight the path of its layer and its own name', () => {
    const shared = layers.dense({ name: 'b', units: 2, useBias: false });
    const model = sequential({ layers: [inner(), shared] });
    const names = namedWeights(model);
    expect([...names.keys()].sort()).toEqual(['b/kernel', 'inner/a/bias', 'inner/a/kernel']);
    expect(names.get('b/kernel')).toBe(shared.weights[0]);
  });

  it('gives the same names to a model that is built a second time', () => {
    const names = () => [...namedWeights(sequential({ layers: [inner()] })).keys()];
    expect(names()).toEqual(names());
  });

  it('counts up where two weights of a layer have one name', () => {
    const cells = [2, 3].map((units) => layers.lstmCell({ units, recurrentInitializer: 'zeros' }));
    const rnn = layers.rnn({ name: 'rnn', cell: cells, inputShape: [4, 1] });
    const names = [...namedWeights(sequential({ layers: [rnn] })).keys()];
    expect(names).toContain('rnn/kernel');
    expect(names).toContain('rnn/kernel_1');
    expect(new Set(names).size).toBe(6);
  });
});
