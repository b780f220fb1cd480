/**
 * tfjs's .wasm files and threads in a Vite app.
 *
 * @module tfjs-blocks/vite
 */

export { type TfjsBlocksOptions, tfjsBlocks } from './tfjsBlocks.js';
