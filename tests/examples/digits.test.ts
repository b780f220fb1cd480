import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Runs the example as `npm run demo` does. */
const demo = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['examples/00-digits/main.js', ...args]);

describe('the digits example', { timeout: 120_000 }, () => {
  let folder: string;
  let lines: string[];
  /** The losses of the epoch that a line tells of: in training, and held out. */
  const lossesOf = (line: string | undefined) =>
    /^epoch \d {2}loss (\S+) {2}held out (\S+) {2}\d+ images\/s$/
      .exec(line ?? '')!
      .slice(1)
      .map(Number);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'digits-'));
    const { stdout } = await demo('--epochs', '2', '--images', '1000', '--out', folder);
    lines = stdout.trimEnd().split('\n');
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  it('says what it trains with, and on what', () => {
    expect(lines[0]).toBe('900 digits to train with, 100 held out');
    expect(lines[1]).toMatch(/^wasm, \w+ kernels, \d threads?$/);
  });

  it('learns: both losses fall from one epoch to the next', () => {
    const [first, second] = lines.filter((line) => line.startsWith('epoch')).map(lossesOf);
    expect(second![0]).toBeLessThan(0.8 * first![0]!);
    expect(second![1]).toBeLessThan(first![1]!);
  });

  it('ends with the paths of what it wrote', () => {
    const files = ['reconstructions.png', 'loss.svg', 'model'];
    expect(lines.slice(-3)).toEqual(files.map((file) => join(folder, file)));
  });

  it('draws originals in black above reconstructions in blue', async () => {
    const { width, height, channels, data } = decode(
      await readFile(join(folder, 'reconstructions.png')),
    );
    expect([width, height, channels]).toEqual([960, 600, 3]);
    // How far red and blue are apart, in the first row of originals and of reconstructions.
    const tint = (top: number) => {
      let sum = 0;
      for (let i = top * width * 3; i < (top + 84) * width * 3; i += 3)
        sum += data[i + 2]! - data[i]!;
      return sum;
    };
    expect(tint(24)).toBeLessThan(tint(24 + 84) / 10);
  });

  it('draws both curves', async () => {
    const svg = await readFile(join(folder, 'loss.svg'), 'utf8');
    expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain('>training</text>');
    expect(svg).toContain('>held out, in inference</text>');
    // One held-out dot for each epoch, and a training step for each 64 images or fewer.
    expect(svg.match(/<circle /g)).toHaveLength(2);
    expect(svg.match(/stroke="#8d8d96"[^>]*><path d="(M[^"]*)"/)![1]!.split('L')).toHaveLength(30);
  });

  it('saves a model that a browser can load, and has loaded it itself', async () => {
    const model = JSON.parse(await readFile(join(folder, 'model/model.json'), 'utf8'));
    const bytes = (await readFile(join(folder, 'model/weights.bin'))).length;
    const weights = model.weightsManifest[0].weights as { shape: number[] }[];
    const sizes = weights.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(bytes).toBe(4 * sizes.reduce((a, b) => a + b));
    expect(lines).toContain('The saved model, loaded again, reconstructs exactly the same.');
  });

  it('shows what inference is without the update ops', async () => {
    const { stdout } = await demo(
      '--no-updates',
      '--images',
      '500',
      '--epochs',
      '3',
      '--out',
      folder,
    );
    const [training, heldOut] = lossesOf(stdout.match(/^epoch 3.*$/m)![0]);
    expect(heldOut).toBeGreaterThan(1.3 * training!);
    expect(stdout).toContain(`the held-out loss is ${heldOut}`);
    expect(stdout).toContain('batch normalisation still uses mean 0 and variance 1');
    expect(stdout.match(/^ {2}(en|de)coder\/batch_norm_\d: never updated$/gm)).toHaveLength(6);
  });

  it.each([
    [['--epochs', '0'], '--epochs must be a whole number in [1, 1000], got 0'],
    [['--batch', 'all'], '--batch must be a whole number in [2, 1000], got all'],
    [['--images', '1e9'], '--images must be a whole number in [20, 10000], got 1e9'],
    [['--backend', 'webgl'], '--backend must be wasm or cpu, got webgl'],
    [['--out', ''], '--out must name a folder'],
    [['--out', 'README.md'], '--out README.md fails: EEXIST: file already exists'],
    [['--speed'], "Unknown option '--speed'"],
  ])('refuses %j in one line, and shows the options', async (args, message) => {
    const { code, stderr } = await demo(...args).then(
      () => expect.fail('no error'),
      (error) => error,
    );
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toContain(message);
    expect(stderr).toContain('--no-updates     never run');
    expect(stderr).not.toContain('    at ');
  });

  it('explains itself', async () => {
    expect((await demo('--help')).stdout).toContain('npm run demo -- [options]');
  });
});
