import { resolveConfig } from 'vite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as binary from '../../src/backend/binary.js';
import { type TfjsBlocksOptions, tfjsBlocks } from '../../src/vite/index.js';

/** What Vite makes of an app's configuration and the plugin. */
const resolved = (config = {}, options?: TfjsBlocksOptions, command: 'build' | 'serve' = 'build') =>
  resolveConfig({ configFile: false, plugins: [tfjsBlocks(options)], ...config }, command);

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('tfjsBlocks', () => {
  it.each([
    ['/', '/assets/tfjs-backend-wasm-4.22.0/', '/assets/tfjs-backend-wasm-4.22.0/'],
    ['/app', '/app/assets/tfjs-backend-wasm-4.22.0/', '/app/assets/tfjs-backend-wasm-4.22.0/'],
    ['./', './tfjs-backend-wasm-4.22.0/', '/assets/tfjs-backend-wasm-4.22.0/'],
    ['', './tfjs-backend-wasm-4.22.0/', '/assets/tfjs-backend-wasm-4.22.0/'],
    [
      'https://cdn.example/app/',
      'https://cdn.example/app/assets/tfjs-backend-wasm-4.22.0/',
      '/app/assets/tfjs-backend-wasm-4.22.0/',
    ],
  ])(
    'with base %j tells where the files are in a build and in development',
    async (base, built, served) => {
      const wordOf = async (command: 'build' | 'serve') =>
        JSON.parse((await resolved({ base }, {}, command)).define?.__TFJS_BLOCKS_WASM__);
      expect(await wordOf('build')).toBe(built);
      expect(await wordOf('serve')).toBe(served);
    },
  );

  it('sends the headers for threads beside those of the app, which come first', async () => {
    const own = { 'X-Own': '1', 'Cross-Origin-Embedder-Policy': 'credentialless' };
    const { server, preview } = await resolved({ server: { headers: own } });
    expect(server.headers).toEqual({ ...ISOLATION, ...own });
    expect(preview.headers).toEqual({ ...ISOLATION, ...own });
  });

  it('sends none without threads', async () => {
    const { server, preview } = await resolved({}, { threads: false });
    expect([server.headers, preview.headers]).toEqual([{}, {}]);
  });

  it('makes workers modules, unless the app says otherwise', async () => {
    expect((await resolved()).worker.format).toBe('es');
    expect((await resolved({ worker: { format: 'iife' } })).worker.format).toBe('iife');
  });

  it('has packages of workers found before the page starts, unless the app names its entries', async () => {
    const entriesOf = async (config = {}) => (await resolved(config)).optimizeDeps.entries;
    expect(await entriesOf()).toContain('**/*[wW]orker*.{js,jsx,mjs,mts,ts,tsx}');
    const entries = ['app.html'];
    expect(await entriesOf({ optimizeDeps: { entries } })).toEqual(entries);
    expect(await entriesOf({ build: { rollupOptions: { input: 'app.js' } } })).toBeUndefined();
    expect(await entriesOf({ build: { rolldownOptions: { input: 'app.js' } } })).toBeUndefined();
  });

  it('says what to install where there is no tfjs-backend-wasm', () => {
    vi.spyOn(binary, 'installedBinaries').mockReturnValue(undefined);
    expect(() => tfjsBlocks()).toThrow(
      "tfjsBlocks: '@tensorflow/tfjs-backend-wasm' is not installed: npm install it",
    );
  });
});
