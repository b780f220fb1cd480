import type { ModelName } from '../protocol.js';
import { autoencoder } from './autoencoder.js';
import type { Kind } from './Kind.js';
import { resnet } from './resnet.js';

export const KINDS: Record<ModelName, Kind> = { autoencoder, resnet };
