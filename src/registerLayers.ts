import { serialization } from '@tensorflow/tfjs-core';
import {
  BasicBlock,
  Bottleneck,
  TiedConv2DTranspose,
  TiedDense,
  TiedModel,
} from './blocks/index.js';
import { Conv2DSame, CroppedConv2DTranspose, MaxPool2DSame } from './layers/index.js';
import { BatchNorm } from './norm/index.js';
import {
  AverageUnpool2D,
  MaxPoolWithArgmax2D,
  MaxUnpool2D,
  PixelShuffle2D,
  PixelUnshuffle2D,
  Upsample2D,
} from './upsample/index.js';

const LAYERS = [
  AverageUnpool2D,
  BasicBlock,
  BatchNorm,
  Bottleneck,
  Conv2DSame,
  CroppedConv2DTranspose,
  MaxPool2DSame,
  MaxPoolWithArgmax2D,
  MaxUnpool2D,
  PixelShuffle2D,
  PixelUnshuffle2D,
  TiedConv2DTranspose,
  TiedDense,
  TiedModel,
  Upsample2D,
];

/**
 * Makes every layer of this library known to `loadLayersModel`.
 *
 * A program that builds a layer knows it already, since each layer's own file registers it. One that
 * only loads saved models calls this, so that no bundler leaves the layers out.
 *
 * @example
 * ```ts
 * registerLayers();
 * const model = await tfl.loadLayersModel('model/model.json');
 * ```
 */
export function registerLayers(): void {
  for (const layer of LAYERS) serialization.registerClass(layer);
}
