export { Adam, type AdamArgs } from './Adam.js';
export { Momentum, type MomentumArgs } from './Momentum.js';
export { RMSProp, type RMSPropArgs } from './RMSProp.js';
