import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import type { Shape } from '../../src/core/inputs.js';
import type { Composite } from '../../src/core/walk.js';

/** A layer that owns two dense layers, as the library's blocks own theirs. */
export class PairBlock extends layers.Layer implements Composite {
  static readonly className = 'PairBlock';
  declare inner: LayersModel;

  override build(batchShape: Shape): void {
    const x = input({ batchShape });
    const dense = (name: string) => layers.dense({ units: 2, name });
    const y = dense('expand').apply(dense('reduce').apply(x)) as SymbolicTensor;
    this.inner = model({ inputs: x, outputs: y });
    this.trainableWeights = this.inner.trainableWeights;
    super.build(batchShape);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
    return tidy(() => this.inner.apply(inputs) as Tensor);
  }
}
