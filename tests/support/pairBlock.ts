import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { Shape } from '../../src/core/inputs.js';
import type { Composite } from '../../src/core/walk.js';

/** A layer that owns two dense layers, as the library's blocks own theirs. */
export class PairBlock extends layers.Layer implements Composite {
  static readonly className = 'PairBlock';
  readonly innerLayers = (['reduce', 'expand'] as const).map((name) => {
    return [name, layers.dense({ units: 2, name: `${this.name}/${name}` })] as const;
  });

  override build(inputShape: Shape): void {
    for (const [, layer] of this.innerLayers) layer.build(inputShape);
    this._trainableWeights = this.innerLayers.flatMap(([, layer]) => layer.trainableWeights);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
    return tidy(() => this.innerLayers.reduce((x, [, layer]) => layer.apply(x) as Tensor, inputs));
  }
}
