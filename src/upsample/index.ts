export {
  AverageUnpool2D,
  type AverageUnpool2DArgs,
  type AverageUnpool2DOptions,
} from './AverageUnpool2D.js';
export { MaxPoolWithArgmax2D, type MaxPoolWithArgmax2DArgs } from './MaxPoolWithArgmax2D.js';
export { MaxUnpool2D, type MaxUnpool2DArgs, type MaxUnpool2DOptions } from './MaxUnpool2D.js';
export { PixelShuffle2D } from './PixelShuffle2D.js';
export { PixelUnshuffle2D } from './PixelUnshuffle2D.js';
export type { PoolArgs, PoolOptions } from './poolOptions.js';
export type { ShuffleArgs, ShuffleOptions } from './ShuffleLayer.js';
export type { ShuffleOrder } from './shuffle.js';
export {
  type Cubic,
  type Interpolation,
  Upsample2D,
  type Upsample2DArgs,
  type Upsample2DOptions,
} from './Upsample2D.js';
export type { PoolPadding } from './windows.js';
