export { type TfjsBlocksOptions, tfjsBlocks } from './tfjsBlocks.js';
