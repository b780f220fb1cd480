import type { serialization } from '@tensorflow/tfjs-core';
import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ActivationName } from '../core/activation.js';
import { OptionError } from '../core/args.js';
import { seeded } from '../core/identify.js';
import type { LayerArgs } from '../core/layer.js';
import { Conv2DSame } from '../layers/Conv2DSame.js';
import { BatchNorm } from '../norm/BatchNorm.js';
import { BlockMean2D } from './BlockMean2D.js';
import { CompositeLayer } from './CompositeLayer.js';
import { DropPath } from './DropPath.js';
import { type ResidualOptions, type Shortcut, savedResidualOptions } from './residualOptions.js';
import { Subsample2D } from './Subsample2D.js';

type X = SymbolicTensor;

/** One convolution of a residual branch. */
interface Step {
  kernelSize: number;
  filters: number;
  strides?: number;
  dilationRate?: number;
}

/** What `Bottleneck` and `BasicBlock` share: all but the list of convolutions. */
export abstract class ResidualBlock extends CompositeLayer {
  /** The options, with defaults filled in. */
  readonly options: ResidualOptions;

  /** @param kernelSizes those of the convolutions of the residual branch, the last of them to `filters` */
  constructor(
    owner: string,
    args: LayerArgs,
    options: ResidualOptions,
    readonly kernelSizes: readonly number[],
  ) {
    super(owner, args, options.recompute);
    this.options = options;
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...savedResidualOptions(this.options) };
  }

  protected override connect(x: X): X {
    const { preActivation, activation } = this.options;
    const kind = this.#shortcutKind(x.shape[3]!);
    const start = preActivation ? this.#norm('bn1', x, activation) : x;
    const branch = this.#drop(this.#squeeze(this.#convolutions(start)));
    const shortcut = this.#shortcut(kind, x, start);
    const sum = shortcut ? this.join(layers.add({ name: 'add' }), shortcut, branch) : branch;
    if (preActivation) return sum;
    return this.join(layers.activation({ activation: known(activation), name: 'activation' }), sum);
  }

  /** The residual branch as a list: the strides or, if atrous, the dilation that stands for them. */
  get #steps(): Step[] {
    const { filters, expansion, strides, strideOn, dilationRate, atrous } = this.options;
    const last = this.kernelSizes.length - 1;
    const strided = strideOn === 'first' ? 0 : 1;
    return this.kernelSizes.map((kernelSize, i) => ({
      kernelSize,
      filters: i === last ? filters : filters / expansion,
      strides: i === strided && !atrous ? strides : 1,
      // What comes after the strides that are not taken finds its neighbours so much further away.
      dilationRate: kernelSize === 1 ? 1 : dilationRate * (atrous && i > strided ? strides : 1),
    }));
  }

  #convolutions(x: X): X {
    const { preActivation, activation, zeroInitLastGamma } = this.options;
    let y = x;
    for (const [i, step] of this.#steps.entries()) {
      const last = i === this.kernelSizes.length - 1;
      const zero = last && zeroInitLastGamma;
      if (preActivation) {
        if (i > 0) y = this.#norm(`bn${i + 1}`, y, activation);
        y = this.#conv(`conv${i + 1}`, y, step, { normalized: !last, zero });
      } else {
        y = this.#conv(`conv${i + 1}`, y, step, { normalized: true });
        y = this.#norm(`bn${i + 1}`, y, last ? 'linear' : activation, zero);
      }
    }
    return y;
  }

  #shortcut(kind: Shortcut, x: X, start: X): X | undefined {
    const { filters, strides, atrous, dilationRate, preActivation } = this.options;
    const step = atrous ? 1 : strides;
    switch (kind) {
      case 'none':
        return undefined;
      case 'identity':
      case 'pool':
        if (step === 1 && x.shape[3] === filters) return x;
        return this.join(new Subsample2D({ name: 'shortcut_pool', strides: step, filters }), x);
      case 'projection':
      case 'avgProjection': {
        let y = start;
        const averaged = kind === 'avgProjection' && strides > 1;
        if (averaged) {
          const rate = atrous ? dilationRate : null;
          const pool = { name: 'shortcut_pool', size: strides, dilationRate: rate };
          y = this.join(new BlockMean2D(pool), y);
        }
        const projection = { kernelSize: 1, filters, strides: averaged ? 1 : step };
        y = this.#conv('shortcut_conv', y, projection, { normalized: !preActivation });
        return preActivation ? y : this.#norm('shortcut_bn', y, 'linear');
      }
    }
  }

  #shortcutKind(channels: number): Shortcut {
    const { shortcut, filters } = this.options;
    const kind = shortcut ?? (channels === filters ? 'identity' : 'projection');
    const fits = kind === 'identity' ? channels === filters : channels <= filters;
    if (!fits && (kind === 'identity' || kind === 'pool')) {
      const rule = kind === 'identity' ? `${filters}` : `at most ${filters}`;
      throw new OptionError(
        `${this.who}: an input for shortcut '${kind}' must have ${rule} channels, got ${channels}`,
      );
    }
    return kind;
  }

  #conv(name: string, x: X, step: Step, { normalized, zero = false }: Role): X {
    const { padding, bias, kernelInitializer, kernelRegularizer } = this.options;
    const args = {
      ...step,
      name,
      useBias: bias === 'all' || (bias === 'unnormalized' && !normalized),
      kernelInitializer: zero ? ('zeros' as const) : kernelInitializer,
      kernelRegularizer: kernelRegularizer ?? undefined,
    };
    const same = padding === 'same' && (step.strides ?? 1) > 1;
    const { dilationRate: _, ...stock } = args;
    const conv = same ? layers.conv2d({ ...stock, padding: 'same' }) : new Conv2DSame(args);
    return this.join(conv, x);
  }

  #norm(name: string, x: X, activation: ActivationName, zeroGamma = false): X {
    const { normalization } = this.options;
    const gamma = zeroGamma ? { gammaInitializer: 'zeros' as const } : {};
    return this.join(new BatchNorm({ ...normalization, ...gamma, axis: -1, activation, name }), x);
  }

  #squeeze(x: X): X {
    const { squeezeExcitation, filters, activation, kernelRegularizer } = this.options;
    if (squeezeExcitation === null) return x;
    const units = Math.max(1, Math.round(filters / squeezeExcitation));
    const dense = (name: string, outputs: number, act: ActivationName, y: X) => {
      const regularizer = kernelRegularizer ?? undefined;
      const args = { name, units: outputs, activation: known(act), kernelRegularizer: regularizer };
      return this.join(layers.dense({ ...args, kernelInitializer: seeded('glorotNormal') }), y);
    };
    const means = this.join(layers.globalAveragePooling2d({ name: 'se_pool' }), x);
    const squeezed = dense('se_reduce', units, activation, means);
    const weights = dense('se_expand', filters, 'sigmoid', squeezed);
    const targetShape = [1, 1, filters];
    const spread = this.join(layers.reshape({ name: 'se_reshape', targetShape }), weights);
    return this.join(layers.multiply({ name: 'se_scale' }), x, spread);
  }

  #drop(x: X): X {
    const { dropPath: rate } = this.options;
    return rate === 0 ? x : this.join(new DropPath({ name: 'drop_path', rate }), x);
  }
}

/** What stands around a convolution. */
interface Role {
  /** Whether a normalisation follows. */
  normalized: boolean;
  /** Whether its kernel is zero at first. */
  zero?: boolean;
}

/** The names that tf.layers knows but its types don't: `'logSoftmax'`, `'gelu'` and others. */
function known(activation: ActivationName): 'relu' {
  return activation as 'relu';
}
