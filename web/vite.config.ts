import { tfjsBlocks } from 'tfjs-blocks/vite';
import { defineConfig } from 'vite';
import { digits } from './digits.js';

export default defineConfig({
  base: './',
  plugins: [tfjsBlocks(), digits()],
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
});
