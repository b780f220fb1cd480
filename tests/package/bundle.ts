import { join } from 'node:path';
import * as esbuild from 'esbuild';
import * as vite from 'vite';

/** What a bundler makes of `code`, minified for browsers, and what it warned of. */
export type Bundler = (app: string, code: string, external?: RegExp) => Promise<Bundle>;

export interface Bundle {
  code: string;
  warnings: string[];
}

export const withEsbuild: Bundler = async (app, contents, external) => {
  const { outputFiles, warnings } = await esbuild.build({
    stdin: { contents, resolveDir: app },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
    plugins: external ? [leaveOut(external)] : [],
  });
  return { code: outputFiles[0]!.text, warnings: warnings.map(({ text }) => text) };
};

function leaveOut(filter: RegExp): esbuild.Plugin {
  return {
    name: 'leave-out',
    setup: ({ onResolve }) => onResolve({ filter }, ({ path }) => ({ path, external: true })),
  };
}

export const withVite: Bundler = async (app, code, external) => {
  const warnings: string[] = [];
  const entry = join(app, 'virtual-entry.js');
  const output = await vite.build({
    root: app,
    configFile: false,
    logLevel: 'silent',
    customLogger: { ...vite.createLogger('silent'), warn: (text) => warnings.push(text) },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? code : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      chunkSizeWarningLimit: 10_000,
      rollupOptions: {
        input: entry,
        external: external ?? [],
        preserveEntrySignatures: 'strict',
        onwarn: ({ message }) => warnings.push(message),
      },
    },
  });
  const [{ output: chunks }] = [output].flat() as [vite.Rollup.RollupOutput];
  return { code: chunks.map((chunk) => ('code' in chunk ? chunk.code : '')).join(''), warnings };
};
