import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { snippetsOf } from '../support/snippets.js';
import { ENTRIES } from './entries.js';
import { run } from './run.js';

const readme = readFileSync('README.md', 'utf8');
const app = inject('app');
const [autoencoder, pickBackend, useKernels] = snippetsOf('README.md') as [string, string, string];

/** What a snippet prints, as a file in a folder that holds nothing but the installed packages. */
async function paste(name: string, code: string): Promise<string[]> {
  const file = join(app, name);
  await writeFile(file, code);
  return (await run(process.execPath, [file], app)).trimEnd().split('\n');
}

describe('the snippets of README.md', () => {
  it('are three, and each is run here', () => {
    expect(snippetsOf('README.md').length).toBe(3);
  });

  it('the autoencoder has twenty lines, learns, and is as good in inference', async () => {
    expect(autoencoder.split('\n').filter((line) => line !== '').length).toBe(20);
    const lines = await paste('autoencoder.mjs', autoencoder);
    expect(lines.map((line) => line.replace(/\d\.\d+$/, ''))).toEqual([
      'step 25: loss ',
      'step 50: loss ',
      'step 75: loss ',
      'step 100: loss ',
      'in inference: ',
    ]);
    const [first, , , last, inference] = lines.map((line) => Number(line.split(' ').at(-1)));
    expect(last).toBeLessThan(first! / 2);
    expect(inference).toBeLessThan(2 * last!);
  });

  it('picking a backend prints what the comment says', async () => {
    const [first, ...tried] = await paste('backend.mjs', pickBackend);
    expect(first).toBe(/\/\/ (.*)$/m.exec(pickBackend)![1]);
    expect(tried).toEqual(['wasm true a convolution and its gradients came out right']);
  });

  it('registering the kernels gives conv2d a gradient', async () => {
    const gradient = `
      await import('@tensorflow/tfjs-layers'); // registers tfjs's gradients
      const x = tf.ones([1, 2, 2, 1]);
      const [dw] = tf.grads((w) => tf.sum(tf.conv2d(x, w, 1, 'valid')))([tf.ones([2, 2, 1, 1])]);
      console.log(dw.dataSync().join());`;
    expect(await paste('kernels.mjs', useKernels + gradient)).toEqual(['1,1,1,1']);
  });
});

describe('the table of entry points in README.md', () => {
  const rows = [...readme.matchAll(/^\| `(tfjs-blocks[^`]*)` \| ([^|]*) \| (.*) \|$/gm)].map(
    ([, specifier, purpose, exports]) => ({
      specifier: specifier!,
      purpose: purpose!,
      names: [...exports!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
    }),
  );

  it('has rows for each', () => {
    const specifiers = [...new Set(rows.map(({ specifier }) => specifier))];
    expect(specifiers).toEqual(ENTRIES.map(({ specifier }) => specifier));
  });

  it.each(rows)('names only what $specifier exports for $purpose', async (row) => {
    const { source } = ENTRIES.find(({ specifier }) => specifier === row.specifier)!;
    const exported = Object.keys(await import(/* @vite-ignore */ `../../${source}`));
    expect(row.names.length).toBeGreaterThan(0);
    expect(exported).toEqual(expect.arrayContaining(row.names));
  });
});

describe('README.md names', () => {
  it('every guide', () => {
    const guides = readdirSync('docs').filter((name) => name.endsWith('.md'));
    const unnamed = guides.filter((name) => !readme.includes(`](docs/${name})`));
    expect(unnamed).toEqual([]);
  });

  it('every package that comes along', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const unnamed = Object.keys(dependencies).filter((name) => !readme.includes(`\`${name}\``));
    expect(unnamed).toEqual([]);
  });
});
