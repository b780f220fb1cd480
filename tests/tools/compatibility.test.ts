import { describe, expect, it } from 'vitest';
import { compatibility, type FileResults, withTable } from '../../tools/compatibility.js';

const COLUMNS = [
  ...['on cpu in Node', 'on wasm in Node', 'on wasm in Chromium', 'on webgl in Chromium'],
  ...['on webgpu in Chromium', 'on webgpu in Node'],
];
const file = (suite: string, statuses: Record<string, string>): FileResults => ({
  name: `/somewhere/tests/${suite}.test.ts`,
  assertionResults: Object.entries(statuses).map(([title, status]) => ({
    ancestorTitles: [title, 'with strides'],
    status,
  })),
});
const everywhere = Object.fromEntries(COLUMNS.map((title) => [title, 'passed']));

describe('the table of features and backends', () => {
  it('has a row for each suite, and a column for each backend', () => {
    const files = [
      file('layers/Conv2DSame.backends', everywhere),
      file('blocks/blocks.backends', {
        'on cpu in Node': 'passed',
        'on webgl in Chromium': 'failed',
      }),
      // A suite is in the results once for each project that ran it, and one failure counts.
      file('blocks/blocks.backends', { 'on webgl in Chromium': 'passed', elsewhere: 'passed' }),
      file('core/args', { 'on cpu in Node': 'failed' }),
    ];
    expect(compatibility(files)?.split('\n')).toEqual([
      '|  | CPU, Node | WASM, Node | WASM with threads, Chromium | WebGL, Chromium | WebGPU, Chromium | WebGPU, Node |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      '| `Bottleneck`, `BasicBlock` | ✓ | – | – | ✗ | – | – |',
      '| `Conv2DSame` | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ |',
      '',
    ]);
  });

  it('is none when a backend was not run', () => {
    const { 'on webgl in Chromium': _, ...others } = everywhere;
    expect(compatibility([file('layers/Conv2DSame.backends', others)])).toBeUndefined();
  });

  it('takes the place of the table in a page', () => {
    expect(withTable('a\n\n| b |\n| --- |\n| c |\n\nd\n', '| e |\n')).toBe('a\n\n| e |\n\nd\n');
  });
});
