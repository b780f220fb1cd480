export { Conv2DSame, type Conv2DSameArgs, type Conv2DSameOptions } from './Conv2DSame.js';
export {
  CroppedConv2DTranspose,
  type CroppedConv2DTransposeArgs,
  type CroppedConv2DTransposeOptions,
} from './CroppedConv2DTranspose.js';
export type { ConvArgs, ConvOptions } from './convOptions.js';
export { MaxPool2DSame, type MaxPool2DSameArgs } from './MaxPool2DSame.js';
