export {
  CroppedConv2DTranspose,
  type CroppedConv2DTransposeArgs,
  type CroppedConv2DTransposeOptions,
} from './CroppedConv2DTranspose.js';
