export { type Cubic, type Interpolation, Upsample2D, type Upsample2DArgs } from './Upsample2D.js';
