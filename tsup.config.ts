import { defineConfig } from 'tsup';

// One dist file per source file, so that a bundler keeps only the layers an app imports.
// Declarations come from `tsc`: tsup 8 can't emit them under TypeScript 6.
export default defineConfig({
  // The worker is served as it is.
  entry: ['src/**/*.ts', 'src/worker.js'],
  format: 'esm',
  target: 'es2022',
  bundle: false,
  clean: true,
  silent: true,
});
