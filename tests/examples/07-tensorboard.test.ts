import { beforeAll, describe, expect, it } from 'vitest';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';

describe('example 07, TensorBoard', () => {
  let result: ExampleResult;
  let written: Record<string, Record<string, string>>;
  beforeAll(async () => {
    result = await runExample('07');
    written = Object.fromEntries(result.table.map((row) => [row.written!, row]));
  }, 120_000);

  it('writes every kind of summary, and finds them again in the files', () => {
    expect(Object.keys(written)).toEqual([
      'inference: histogram',
      'inference: image',
      'inference: scalar',
      'test: scalar',
      'train: graph',
      'train: histogram',
      'train: image',
      'train: scalar',
    ]);
  });

  it('writes the losses of three epochs, and after each all weights and pictures', () => {
    const points = (name: string) => numberIn(written[name]!.points);
    expect(points('test: scalar')).toBe(3);
    expect(points('train: image')).toBe(3);
    expect(points('train: graph')).toBe(1);
    expect(points('train: histogram')).toBe(3 * numberIn(written['train: histogram']!.tags));
    expect(written['train: image']!['such as']).toBe('reconstructions');
    expect(written['test: scalar']!['such as']).toBe('epoch_loss');
  });

  it('ends with the command to look at it', () => {
    expect(result.stdout.trimEnd()).toMatch(/tensorboard --logdir \S+07-tensorboard$/);
  });
});
