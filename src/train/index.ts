export { type TrainStepOptions, trainStep } from './trainStep.js';
