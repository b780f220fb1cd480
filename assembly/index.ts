export { pad_f32, zero_f32 } from './pad';
export { packPanels_f32, packTaps_f32 } from './pack';
export { conv_f32 } from './conv';
export { convFilter_f32, unpackFilter_f32 } from './convFilter';
