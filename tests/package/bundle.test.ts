import { gzipSync } from 'node:zlib';
import { describe, expect, inject, it } from 'vitest';
import { BINARY } from '../../src/kernels/runtime/binary.generated.js';
import { withEsbuild, withVite } from './bundle.js';
import { ENTRIES } from './entries.js';
import { runScript } from './run.js';

const app = inject('app');
const TFJS = /^@tensorflow\//;
const KERNELS = BINARY.slice(0, 60);

/** The most that the whole of an entry may weigh for who imports it, in kilobytes, without tfjs. */
const GZIP: Record<string, number> = {
  'tfjs-blocks': 36,
  'tfjs-blocks/backend': 63,
  'tfjs-blocks/inference': 6,
  'tfjs-blocks/kernels': 58,
  'tfjs-blocks/summary': 20,
  'tfjs-blocks/vite': 3,
  'tfjs-blocks/weights': 40,
};

const BUNDLERS = Object.entries({ esbuild: withEsbuild, Vite: withVite });

describe.each(BUNDLERS)('bundled by %s', (_, bundle) => {
  it('one layer comes alone, and registered', async () => {
    const code = "import { BatchNorm } from 'tfjs-blocks'; globalThis.layer = new BatchNorm({});";
    const { code: output, warnings } = await bundle(app, code, TFJS);
    expect(output.match(/Blocks\.\w+/g)).toEqual(['Blocks.BatchNorm']);
    expect(output).toContain('registerClass(');
    expect(output).not.toContain(KERNELS);
    expect(warnings).toEqual([]);
  });

  it('an import that nothing uses brings nothing', async () => {
    const { code } = await bundle(app, "import 'tfjs-blocks'; globalThis.one = 1;", TFJS);
    expect(code).not.toContain('Blocks.');
  });

  it('the kernels come with useBackend, and the layers do not', async () => {
    const code = "import { useBackend } from 'tfjs-blocks/backend'; globalThis.use = useBackend;";
    const { code: output } = await bundle(app, code, TFJS);
    expect(output).toContain(KERNELS);
    expect(output).not.toContain('Blocks.');
  });

  it('summaries need nothing of Node', async () => {
    const code = "import * as summary from 'tfjs-blocks/summary'; globalThis.summary = summary;";
    const { code: output, warnings } = await bundle(app, code, TFJS);
    expect(warnings).toEqual([]);
    expect(output).not.toMatch(/(from|import|import\()\s*["'](node:|fs|path|os)/);
  });

  it('useBackend needs no optional peer and nothing of Node, with all of tfjs inside', async () => {
    const code = "import { useBackend } from 'tfjs-blocks/backend'; globalThis.use = useBackend;";
    const { code: output, warnings } = await bundle(app, code);
    expect(warnings).toEqual([]);
    expect(output).not.toMatch(/(from|import|import\()\s*["'](node:|fs|path|@tensorflow)/);
    // What starts a backend from bytes is one of the two loaders that tfjs-backend-wasm brings anyway.
    expect(output.match(/both async and sync fetching of the wasm failed/g)).toHaveLength(2);
  });
});

it('the reader of HDF5 is fetched only when a file needs it', async () => {
  const code = "export * from 'tfjs-blocks/weights';";
  const { code: output } = await withEsbuild(app, code, /^(@tensorflow\/|jsfive$)/);
  expect(output).toContain('import("jsfive")');
  expect(output).not.toContain('from"jsfive"');
});

it('every entry has a limit to its size', () => {
  expect(Object.keys(GZIP)).toEqual(ENTRIES.map(({ specifier }) => specifier));
});

it.each(ENTRIES)('$specifier weighs no more than its limit', async ({ specifier }) => {
  const { code } = await withEsbuild(
    app,
    `export * from '${specifier}';`,
    /^(@tensorflow\/|node:)/,
  );
  const kilobytes = gzipSync(code, { level: 9 }).length / 1000;
  expect(kilobytes).toBeLessThan(GZIP[specifier]!);
  expect(kilobytes, 'the limit is far off: lower it').toBeGreaterThan(GZIP[specifier]! / 3);
});

it('a model of a minified app loads in another minified app', async () => {
  const minified = async (name: string, code: string) => {
    const { code: output } = await withEsbuild(app, code, TFJS);
    return runScript(app, name, output);
  };
  const common = `
    import * as tf from '@tensorflow/tfjs-core';
    import * as tfl from '@tensorflow/tfjs-layers';
    import { BatchNorm, CroppedConv2DTranspose, Upsample2D } from 'tfjs-blocks';
    import { useBackend } from 'tfjs-blocks/backend';
    await useBackend();
    const x = tf.reshape(tf.range(0, 18), [1, 3, 3, 2]);
    const show = (model) => console.log(JSON.stringify({
      y: [...model.predict(x).dataSync()],
      saved: globalThis.saved,
    }));`;
  // Each layer beside a stock one of a similar name.
  const save = `${common}
    const step = { filters: 1, kernelSize: 3, strides: 2, padding: 'same' };
    const model = tfl.sequential({ layers: [
      new BatchNorm({ activation: 'relu', momentum: 0.5, inputShape: [3, 3, 2] }),
      tfl.layers.batchNormalization({ name: 'batch_norm' }),
      tfl.layers.upSampling2d({ size: [1, 2], name: 'up_sample2d' }),
      new Upsample2D({ size: [2, 1], interpolation: 'bicubic' }),
      tfl.layers.conv2dTranspose({ ...step, name: 'cropped_conv2d' }),
      new CroppedConv2DTranspose({ ...step, outputPadding: 0, name: 'conv2d_transpose' }),
    ] });
    model.apply(x, { training: true });
    await model.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = [...new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData))];
      globalThis.saved = { modelTopology, weightSpecs, bytes };
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }));
    show(model);`;
  const { saved, y } = (await minified('save.js', save)) as { saved: unknown; y: number[] };
  const load = `${common}
    globalThis.layers = [BatchNorm, CroppedConv2DTranspose, Upsample2D];
    const { modelTopology, weightSpecs, bytes } = ${JSON.stringify(saved)};
    const weightData = Uint8Array.from(bytes).buffer;
    show(await tfl.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) }));`;
  expect(y.length).toBe(23 * 23);
  expect(new Set(y).size).toBeGreaterThan(100);
  expect(await minified('load.js', load)).toEqual({ y });
});
