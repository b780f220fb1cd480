import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, inject, it } from 'vitest';
import { ENTRIES } from './entries.js';

const app = inject('app');

const CONSUMER = `
  import { BatchNorm, type BatchNormArgs, CroppedConv2DTranspose, trainStep } from 'tfjs-blocks';
  import { useBackend, type BackendReport } from 'tfjs-blocks/backend';
  import { registerKernels } from 'tfjs-blocks/kernels';
  import { tfjsBlocks, type TfjsBlocksOptions } from 'tfjs-blocks/vite';
  import type { UserConfig } from 'vite';
  import { sequential, type Sequential } from '@tensorflow/tfjs-layers';

  const args: BatchNormArgs = { activation: 'relu', inputShape: [9, 9, 1] };
  const convolution = { filters: 1, kernelSize: 3, strides: 2, padding: 'same' } as const;
  export const model: Sequential = sequential({
    layers: [new BatchNorm(args), new CroppedConv2DTranspose(convolution)],
  });
  export const report: Promise<BackendReport> = useBackend({ prefer: 'wasm' });
  export const restore: () => void = registerKernels();
  const pluginOptions: TfjsBlocksOptions = { threads: false };
  export const config: UserConfig = { plugins: [tfjsBlocks(pluginOptions)] };
  export const step = trainStep;
  // @ts-expect-error: misspelt
  new BatchNorm({ momentun: 0.9 });
`;

const RESOLUTIONS = {
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
};

describe.each(Object.entries(RESOLUTIONS))('under %s resolution', (name, resolution) => {
  it('the types of every entry are found and right', async () => {
    const file = join(app, `consumer-${name}.ts`);
    const entries = ENTRIES.map(({ specifier }, i) => `export * as e${i} from '${specifier}';\n`);
    await writeFile(file, entries.join('') + CONSUMER);
    const program = ts.createProgram([file], {
      ...resolution,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    });
    // The declarations of tfjs and of WebGPU have errors of their own under strict checks.
    const ours = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName === file || fileName.includes('/tfjs-blocks/dist/'));
    const errors = ours
      .flatMap((source) => ts.getPreEmitDiagnostics(program, source))
      .map(({ file, start, messageText }) => {
        const line = file!.getLineAndCharacterOfPosition(start!).line + 1;
        return `${file!.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      });
    expect(errors).toEqual([]);
    expect(ours.length).toBeGreaterThan(ENTRIES.length);
  });
});
