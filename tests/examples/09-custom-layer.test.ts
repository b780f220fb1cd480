import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import { memory, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

describe('the custom layer example', { timeout: 120_000 }, () => {
  let stdout: string;

  beforeAll(async () => {
    const args = ['examples/run.js', '09', '--short'];
    ({ stdout } = await promisify(execFile)(process.execPath, args));
  }, 120_000);

  it('shows the refusal, which names the layer and the remedy', () => {
    expect(stdout).toContain("layer 'signs' (Example.Signs) can't be mirrored");
  });

  it('makes each size of the encoder again, in reverse', () => {
    const makes = [...stdout.matchAll(/(\d+ × \d+ × \d+)$/gm)].map(([, shape]) => shape);
    const [first, signs, code, input, ...decoder] = makes;
    expect([signs, code, input]).toEqual(['14 × 14 × 16', '7 × 7 × 8', '7 × 7 × 8']);
    expect(decoder).toEqual([signs, first, '28 × 28 × 1', '28 × 28 × 1']);
  });

  it('learns better than a grey image would do', () => {
    const loss = Number(/loss (\S+)/.exec(stdout)![1]);
    expect(loss).toBeLessThan(0.05); // the variance of the pixels is 0.09 to 0.1
  });
});

it('Signs and its inverse give back every value', async () => {
  const { Signs } = await import(resolve('examples/09-custom-layer/Signs.js'));
  const before = memory().numTensors;
  tidy(() => {
    const x = tensor([[-2, 0.5, 0, 3]]);
    const both = new Signs().apply(x);
    const back = new Signs({ inverse: true }).apply(both) as typeof x;
    expect(back.arraySync()).toEqual([[-2, 0.5, 0, 3]]);
  });
  expect(memory().numTensors).toBe(before);
});
