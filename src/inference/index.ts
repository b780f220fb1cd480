/**
 * Models with fewer layers, for inference.
 *
 * @module tfjs-blocks/inference
 */

export { type Fusion, fuse, type Kept } from './fuse.js';
