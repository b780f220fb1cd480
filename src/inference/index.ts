export { type Fusion, fuse, type Kept } from './fuse.js';
