import { serialization, type Tensor4D } from '@tensorflow/tfjs-core';
import { uniqueName } from '../core/names.js';
import {
  CroppedConv2DTranspose,
  type CroppedConv2DTransposeArgs,
} from '../layers/CroppedConv2DTranspose.js';
import { Tie, type TiedTo } from './Tie.js';

type Apply = CroppedConv2DTranspose['apply'];

/** Options of {@link TiedConv2DTranspose}. */
export interface TiedConv2DTransposeArgs extends CroppedConv2DTransposeArgs {
  /** The convolution whose kernel it has. */
  tiedTo: TiedTo;
}

/**
 * A `CroppedConv2DTranspose` with the kernel of a convolution before it, whose adjoint it is, and a
 * bias of its own.
 */
export class TiedConv2DTranspose extends CroppedConv2DTranspose {
  static override readonly className: string = 'Blocks.TiedConv2DTranspose';

  readonly tie: Tie;

  constructor(args: TiedConv2DTransposeArgs) {
    super({ ...args, name: args.name ?? uniqueName('tied_conv2d_transpose') });
    this.tie = new Tie(`TiedConv2DTranspose '${this.name}'`, args.tiedTo);
  }

  override apply(...[inputs, kwargs]: Parameters<Apply>): ReturnType<Apply> {
    this.tie.look(inputs);
    return super.apply(inputs, kwargs);
  }

  override build(): void {
    this.addWeights(null);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), tiedTo: { ...this.tie.tiedTo } };
  }

  protected override get kernel(): Tensor4D {
    return this.tie.kernel as Tensor4D;
  }
}

serialization.registerClass(TiedConv2DTranspose);
