import type { layers } from '@tensorflow/tfjs-layers';

/** The options that every layer takes: name, inputShape, batchInputShape, trainable, weights, … */
export type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** What a layer's `call` receives beside its inputs. */
export type CallArgs = Parameters<layers.Layer['call']>[1];
