/**
 * Weights of other systems.
 *
 * @module tfjs-blocks/weights
 */

export {
  type LoadedWeights,
  type LoadWeightsOptions,
  loadWeights,
  type SystemName,
} from './loadWeights.js';
export type { NameMap, Target } from './names.js';
export { saveSafetensors } from './saveSafetensors.js';
export type { Progress, WeightsSource } from './source.js';
export { WeightsError } from './WeightsError.js';
