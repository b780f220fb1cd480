import {
  add,
  matMul,
  reshape,
  serialization,
  type Tensor,
  type Tensor2D,
  tidy,
} from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { boolean, positiveInt } from '../core/args.js';
import { oneInput, oneShape, type Shape } from '../core/inputs.js';
import type { LayerArgs } from '../core/layer.js';
import { uniqueName } from '../core/names.js';
import { Tie, type TiedTo } from './Tie.js';

type Apply = layers.Layer['apply'];

const OWNER = 'TiedDense';
const RANKS = [2, 3, 4, 5];

/** Options of {@link TiedDense}. */
export interface TiedDenseArgs extends LayerArgs {
  /** The number of outputs: of inputs of the other layer. */
  units: number;
  /** Whether an offset is learned for each output. Default true. */
  useBias?: boolean;
  /** The dense layer whose kernel it has. */
  tiedTo: TiedTo;
}

/** A dense layer with the transposed kernel of one before it, and a bias of its own: `[…, n] → […, units]`. */
export class TiedDense extends layers.Layer {
  static readonly className = 'Blocks.TiedDense';

  readonly units: number;
  readonly useBias: boolean;
  readonly tie: Tie;
  #bias?: LayerVariable;

  constructor(args: TiedDenseArgs) {
    super({ ...args, name: args.name ?? uniqueName('tied_dense') });
    this.units = positiveInt(OWNER, 'units', args.units);
    this.useBias = boolean(OWNER, 'useBias', args.useBias ?? true);
    this.tie = new Tie(this.#who, args.tiedTo);
  }

  override apply(...[inputs, kwargs]: Parameters<Apply>): ReturnType<Apply> {
    this.tie.look(inputs);
    return super.apply(inputs, kwargs);
  }

  override build(): void {
    if (this.useBias) {
      this.#bias = this.addWeight('bias', [this.units], 'float32', initializers.zeros());
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...oneShape(this.#who, inputShape, RANKS).slice(0, -1), this.units];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = oneInput(this.#who, inputs, RANKS);
      const rows = reshape(x, [-1, x.shape.at(-1)!]);
      const y = matMul(rows, this.tie.kernel as Tensor2D, false, true);
      const shifted = this.#bias ? add(y, this.#bias.read()) : y;
      return reshape(shifted, [...x.shape.slice(0, -1), this.units]);
    });
  }

  override getConfig(): serialization.ConfigDict {
    const { units, useBias, tie } = this;
    return { ...super.getConfig(), units, useBias, tiedTo: { ...tie.tiedTo } };
  }

  get #who(): string {
    return `${OWNER} '${this.name}'`;
  }
}

serialization.registerClass(TiedDense);
