import { serialization } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { walk } from '../core/walk.js';
import { Tie } from './Tie.js';

type Apply = LayersModel['apply'];

/**
 * A decoder with kernels of its encoder: whenever it is applied in a graph, also in one that is
 * loaded, it finds those that it hasn't found yet.
 */
export class TiedModel extends LayersModel {
  static override className = 'Blocks.TiedModel';

  override apply(...[inputs, kwargs]: Parameters<Apply>): ReturnType<Apply> {
    for (const { layer } of walk(this)) {
      if ('tie' in layer && layer.tie instanceof Tie) layer.tie.look(inputs);
    }
    return super.apply(inputs, kwargs);
  }
}

serialization.registerClass(TiedModel);
