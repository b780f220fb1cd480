export { BasicBlock, type BasicBlockArgs } from './BasicBlock.js';
export { Bottleneck, type BottleneckArgs } from './Bottleneck.js';
export type { Preset, ResNetConventions } from './conventions.js';
export type { BlockKind, Stem } from './depths.js';
export { endPoints } from './endPoints.js';
export {
  type AutoencoderOptions,
  autoencoder,
  type MirrorOptions,
  mirror,
} from './mirror.js';
export type { MirrorHandler, MirrorPlace } from './mirrorHandlers.js';
export { type LayerCost, type ModelCost, type ModelCostOptions, modelCost } from './modelCost.js';
export type {
  Biases,
  NormalizationArgs,
  ResidualArgs,
  ResidualOptions,
  Shortcut,
  StridedPadding,
} from './residualOptions.js';
export { resNetV1, resNetV2 } from './resNet.js';
export type { ResNetArgs } from './resNetOptions.js';
export { TiedConv2DTranspose } from './TiedConv2DTranspose.js';
export { TiedDense } from './TiedDense.js';
export { TiedModel } from './TiedModel.js';
