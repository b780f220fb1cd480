import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';
import { ENTRIES } from './entries.js';
import { runScript } from './run.js';

const app = inject('app');

describe('an installed package', () => {
  it('has a module and its types for each source file, and nothing else', async () => {
    const inside = (folder: string) => readdir(folder, { recursive: true });
    // The one file that is JavaScript already is the worker's, which is served as it is.
    const expected = (await inside('src')).flatMap((file) => {
      const [stem, ending] = [file.slice(0, -3), file.slice(-3)];
      return ending === '.ts' ? [`${stem}.js`, `${stem}.d.ts`] : ending === '.js' ? file : [];
    });
    const files = await inside(join(app, 'node_modules/tfjs-blocks/dist'));
    expect(files.filter((file) => extname(file)).sort()).toEqual(expected.sort());
  });

  it.each(ENTRIES)('exports from $specifier what its source does', async (entry) => {
    const code = `import * as all from '${entry.specifier}'; console.log(JSON.stringify(Object.keys(all)));`;
    const names = await runScript(app, `${entry.specifier.replace('/', '-')}.js`, code);
    const source = await import(/* @vite-ignore */ `../../${entry.source}`);
    expect(names).toEqual(Object.keys(source).sort());
  });
});

it('registerKernels alone lets a program of tfjs-core train a convolution', async () => {
  const code = `
    import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
    import * as tf from '@tensorflow/tfjs-core';
    import { registerKernels } from 'tfjs-blocks/kernels';
    setWasmPaths('${app}/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    registerKernels();
    await tf.setBackend('wasm');
    const ones = tf.ones([1, 3, 3, 1]);
    const gradient = tf.grad((w) => tf.sum(tf.conv2d(ones, w, 1, 'valid')))(tf.zeros([2, 2, 1, 1]));
    console.log(JSON.stringify([...(await gradient.data())]));`;
  expect(await runScript(app, 'kernels-only.js', code)).toEqual([4, 4, 4, 4]);
});

it('useBackend says which packages WebGPU in Node needs, and goes on to WASM', async () => {
  const code = `
    import { useBackend } from 'tfjs-blocks/backend';
    const { name, tried } = await useBackend({ prefer: 'webgpu' });
    console.log(JSON.stringify([name, tried[0].why]));`;
  expect(await runScript(app, 'webgpu.js', code, app)).toEqual([
    'wasm',
    'Node needs the packages webgpu and @tensorflow/tfjs-backend-webgpu: npm install them',
  ]);
});

describe('useBackend finds the WASM binaries', () => {
  const code = `
    import { useBackend } from 'tfjs-blocks/backend';
    const { name, kernels } = await useBackend();
    console.log(JSON.stringify([name, kernels]));`;

  it('in an app', async () => {
    expect(await runScript(app, 'backend.js', code)).toEqual(['wasm', 'simd']);
  });

  it('in a workspace of an app', async () => {
    const workspace = join(app, 'packages/one');
    await mkdir(workspace, { recursive: true });
    expect(await runScript(workspace, 'backend.mjs', code)).toEqual(['wasm', 'simd']);
  });

  it('where every package sees its own dependencies only, as pnpm lays them', async () => {
    const other = await mkdtemp(join(app, 'pnpm-'));
    const store = join(other, 'node_modules/.pnpm/tfjs-blocks@0.1.0/node_modules');
    await cp(join(app, 'node_modules/tfjs-blocks'), join(store, 'tfjs-blocks'), {
      recursive: true,
    });
    for (const name of ['tfjs-core', 'tfjs-layers', 'tfjs-backend-wasm']) {
      const link = join(store, '@tensorflow', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(app, 'node_modules/@tensorflow', name), link);
    }
    await symlink(join(store, 'tfjs-blocks'), join(other, 'node_modules/tfjs-blocks'));
    expect(await runScript(other, 'backend.mjs', code)).toEqual(['wasm', 'simd']);
  });

  it('for a program that is bundled into one file and lies elsewhere', async () => {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: app },
      bundle: true,
      format: 'esm',
      platform: 'node',
      // The packages that esbuild bundles are CommonJS in Node.
      banner: {
        js: `import { createRequire } from 'node:module';
          const require = createRequire(${JSON.stringify(`${app}/`)}), __dirname = '/nowhere';`,
      },
      write: false,
      logLevel: 'silent',
    });
    const elsewhere = await mkdtemp(join(dirname(app), 'bundle-'));
    try {
      const report = await runScript(elsewhere, 'bundle.mjs', outputFiles[0]!.text, app);
      expect(report).toEqual(['wasm', 'simd']);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});
