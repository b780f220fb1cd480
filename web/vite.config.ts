import { tfjsBlocks } from 'tfjs-blocks/vite';
import { defineConfig } from 'vite';
import { digits } from './digits.js';

export default defineConfig({
  base: './',
  plugins: [tfjsBlocks(), digits()],
  // Vite looks for packages in pages only; it would load the page again when the worker starts.
  optimizeDeps: { entries: ['index.html', 'src/worker/worker.ts'] },
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
});
