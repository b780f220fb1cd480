import type { Plugin } from 'vite';
import { binaries } from './binaries.js';
import { serveFiles } from './serveFiles.js';
import { threadedLoader } from './threadedLoader.js';

/** Options of {@link tfjsBlocks}. */
export interface TfjsBlocksOptions {
  /**
   * Whether the development and preview servers send the two headers without which browsers give no
   * shared memory, and so no threads. They keep the page from embedding other sites' files that don't
   * allow it. Headers that the app sets itself stay. Default true.
   */
  threads?: boolean;
}

/** Cross-origin isolation, see https://web.dev/articles/coop-coep. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Where Vite is to look for packages before the first page is asked for: pages, as it does, and workers. */
const ENTRIES = [
  '**/*.html',
  '**/*[wW]orker*.{js,jsx,mjs,mts,ts,tsx}',
  '!**/*.{spec,test}.*',
  '!**/{__tests__,coverage}/**',
];

/**
 * A Vite plugin with which `useBackend` finds tfjs's .wasm files, in pages and workers: they are
 * served in development, and put among the assets of a build, under the app's base and in a folder
 * that names their version. And what an app with tfjs in it needs besides: the headers for threads,
 * workers that are modules and whose packages are found in time, one copy of tfjs-core.
 *
 * Headers come from servers: whoever serves the built app must send the same two for threads,
 * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
 *
 * With a relative base the scripts must lie in the folder of the assets, as they do by default.
 *
 * @throws an error that says what to install where there is no tfjs-backend-wasm.
 *
 * @example
 * ```js
 * // vite.config.js
 * import { tfjsBlocks } from 'tfjs-blocks/vite';
 *
 * export default { plugins: [tfjsBlocks()] };
 * ```
 */
export function tfjsBlocks({ threads = true }: TfjsBlocksOptions = {}): Plugin[] {
  const { folder, files } = binaries();
  let assets = '';
  const serving: Plugin = {
    name: 'tfjs-blocks',
    applyToEnvironment: ({ config }) => config.consumer === 'client',

    config({ base = '/', build, server, preview, worker, optimizeDeps }, { command }) {
      const { rolldownOptions, rollupOptions } = build ?? {};
      const hasEntries = optimizeDeps?.entries ?? rolldownOptions?.input ?? rollupOptions?.input;
      assets = build?.assetsDir ?? 'assets';
      const place = seenFromScripts(base, `${assets}/`, command === 'build') + folder;
      const headers = threads ? ISOLATION : {};
      return {
        // What useBackend reads.
        define: { __TFJS_BLOCKS_WASM__: JSON.stringify(`${place}/`) },
        resolve: { dedupe: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'] },
        // tfjs-backend-wasm comes in pieces, which Vite's default format can't have.
        worker: { format: worker?.format ?? 'es', plugins: () => [threadedLoader()] },
        // A package that is found only when a worker starts would have the page loaded again.
        ...(hasEntries ? {} : { optimizeDeps: { entries: ENTRIES } }),
        server: { headers: { ...headers, ...server?.headers } },
        preview: { headers: { ...headers, ...(preview?.headers ?? server?.headers) } },
      };
    },

    configureServer({ config, middlewares }) {
      middlewares.use(serveFiles(`${config.base}${assets}/${folder}/`, files));
    },

    async generateBundle() {
      for (const [name, read] of files) {
        this.emitFile({
          type: 'asset',
          fileName: `${assets}/${folder}/${name}`,
          source: await read(),
        });
      }
    },
  };
  return [serving, threadedLoader()];
}

/** The address of the assets' folder, absolute or relative to a script in it. */
function seenFromScripts(base: string, assets: string, built: boolean): string {
  if (built && (base === '' || base.startsWith('.'))) return './';
  // The development server ignores the host of a base, and a relative one.
  const root = built ? base : new URL(base, 'http://localhost/').pathname;
  return `${root.replace(/\/?$/, '/')}${assets}`;
}
