import { type ActivationName, activationName } from '../core/activation.js';
import { boolean, number, oneOf, positiveInt, refuse } from '../core/args.js';
import { initializer } from '../core/identify.js';
import { CONVENTIONS, type Preset, type ResNetConventions } from './conventions.js';
import { type BlockKind, type Plan, planOf, type Stem, type Version } from './depths.js';
import { residualOptions, type Shortcut } from './residualOptions.js';

const PRESETS = ['slim', 'keras', 'torch'] as const;
const STEMS = ['imagenet', 'deep', 'cifar', 'none'] as const;
const BLOCKS = ['basic', 'bottleneck'] as const;
const TRANSITIONS = ['projection', 'avgProjection', 'pool', 'none'] as const;
const POOLINGS = ['avg', 'max'] as const;

/** Options of {@link resNetV1} and {@link resNetV2}: these, and any single convention. */
export interface ResNetArgs extends Partial<ResNetConventions> {
  /**
   * The number of layers: 18, 34, 50, 101, 152, 200, or for CIFAR 6n + 2 (basic blocks) or 9n + 2
   * (bottlenecks). Default 50.
   */
  depth?: number;
  /**
   * Whose conventions hold, so that the network computes what the other system's does: `'slim'`,
   * `'keras'` or `'torch'`. Default `'torch'`.
   */
  preset?: Preset;
  /** Height, width (either may be null) and channels. Default [224, 224, 3], for CIFAR [32, 32, 3]. */
  inputShape?: readonly (number | null)[];
  /** The number of classes. Default 1000, for CIFAR 10. */
  classes?: number;
  /** Whether the classifier stands at the end. Default true. */
  includeTop?: boolean;
  /**
   * Without the classifier: `'avg'` or `'max'` for one vector per image, null for the feature map.
   * With it, `'avg'` or `'max'`. Default null, with the classifier `'avg'`.
   */
  pooling?: 'avg' | 'max' | null;
  /** A factor on the number of channels everywhere. Default 1. */
  width?: number;
  /**
   * How many times smaller than the image the feature map is, at most; beyond it, blocks dilate
   * instead of striding. A power of 2. Default: 32, for CIFAR 4.
   */
  outputStride?: number | null;
  /** The kind of block; decides for a depth that can be made of both. Default: by the depth. */
  block?: BlockKind;
  /** The number of blocks in each stage, for a network that no depth names. Default: by the depth. */
  units?: readonly number[];
  /** The channels of the stem; the stages have 1, 2, 4, … times as many before expansion. Default: by the depth. */
  filters?: number;
  /** How many times fewer channels there are inside a bottleneck. Default 4. */
  expansion?: number;
  /**
   * What comes before the blocks. `'imagenet'`: a 7×7 convolution with stride 2, and max pooling;
   * `'deep'`: three 3×3 instead of it (ResNet-D); `'cifar'`: one 3×3, nothing strided; `'none'`.
   * Default: by the depth.
   */
  stem?: Stem;
  /**
   * The shortcut where the number of channels changes: `'projection'`, `'avgProjection'` (ResNet-D),
   * `'pool'` (no parameters); `'none'`: none there and none where a block strides. Default
   * `'projection'`.
   */
  shortcut?: Exclude<Shortcut, 'identity'>;
  /** Default `'relu'`. */
  activation?: ActivationName;
  /** Stochastic depth: the drop rate of the last block; the others' rise up to it. Default 0. */
  dropPath?: number;
  /** Squeeze-and-excitation in every block, with this reduction. Default none. */
  squeezeExcitation?: number | null;
  /** Whether blocks compute activations again in the backward pass: memory for time. Default false. */
  recompute?: boolean;
  /** The model's name. Default `'resnet50v1'` and so on. */
  name?: string;
}

/** The options of a residual network in canonical form. */
export interface ResNetOptions extends ResNetConventions, Plan {
  readonly version: Version;
  readonly includeTop: boolean;
  readonly pooling: 'avg' | 'max' | null;
  readonly width: number;
  readonly outputStride: number;
  readonly expansion: number;
  readonly shortcut: Exclude<Shortcut, 'identity'>;
  readonly activation: ActivationName;
  readonly dropPath: number;
  readonly squeezeExcitation: number | null;
  readonly recompute: boolean;
  readonly name: string;
}

/** How many times smaller the image is behind a stem. */
export const STEM_STRIDES: Record<Stem, number> = { imagenet: 4, deep: 4, cifar: 1, none: 1 };

type Defaults = Pick<
  ResNetOptions,
  | ('includeTop' | 'width' | 'expansion' | 'shortcut' | 'activation')
  | ('dropPath' | 'squeezeExcitation' | 'recompute')
>;

const DEFAULTS: Defaults = {
  includeTop: true,
  width: 1,
  expansion: 4,
  shortcut: 'projection',
  activation: 'relu',
  dropPath: 0,
  squeezeExcitation: null,
  recompute: false,
};

/** Checks the options and fills in the defaults. */
export function resNetOptions(version: Version, args: ResNetArgs): ResNetOptions {
  const owner = `resNetV${version}`;
  const { depth = 50, preset = 'torch', block, units } = args;
  if (block !== undefined) oneOf(owner, 'block', block, BLOCKS);
  const conventions = CONVENTIONS[oneOf(owner, 'preset', preset, PRESETS)][version];
  const plan = planOf(owner, depth, version, block);
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const options: ResNetArgs & Defaults & ResNetConventions & Plan = {
    ...DEFAULTS,
    ...conventions,
    ...plan,
    ...Object.fromEntries(given),
    normalization: { ...conventions.normalization, ...args.normalization },
  };
  checkBlocks(owner, options);
  oneOf(owner, 'stem', options.stem, STEMS);
  if (options.units.length === 0) {
    refuse(owner, 'units', 'at least one number of blocks', options.units);
  }
  for (const count of options.units) positiveInt(owner, 'units', count);
  oneOf(owner, 'strideUnit', options.strideUnit, ['first', 'last']);
  oneOf(owner, 'stemPool', options.stemPool, ['same', 'explicit', 'zeros']);
  oneOf(owner, 'shortcut', options.shortcut, TRANSITIONS);
  positiveInt(owner, 'filters', options.filters);
  positiveInt(owner, 'classes', options.classes);
  boolean(owner, 'includeTop', options.includeTop);
  number(owner, 'width', options.width, 'a positive number', (w) => w > 0);
  activationName(owner, 'classifierActivation', options.classifierActivation);
  initializer(owner, 'classifierInitializer', options.classifierInitializer);
  if (options.l2 !== null) number(owner, 'l2', options.l2, 'null or at least 0', (l2) => l2 >= 0);
  const pooling = options.pooling ?? (options.includeTop ? 'avg' : null);
  if (pooling !== null) oneOf(owner, 'pooling', pooling, POOLINGS);
  return {
    name: `resnet${units ? '' : depth}v${version}`,
    ...options,
    version,
    inputShape: imageShape(owner, options.inputShape),
    pooling,
    outputStride: outputStride(owner, options.outputStride ?? null, options),
  };
}

/** Refuses what every block would refuse, before anything is made. */
function checkBlocks(owner: string, options: ResNetArgs & ResNetConventions): void {
  const { expansion = 4 } = options;
  positiveInt(owner, 'expansion', expansion);
  const block = { ...options, filters: expansion, expansion, shortcut: null, name: undefined };
  residualOptions(owner, block as Parameters<typeof residualOptions>[1]);
}

function imageShape(owner: string, shape: readonly (number | null)[]): (number | null)[] {
  const size = (n: number | null | undefined) => n === null || (Number.isInteger(n) && n! > 0);
  const [height, width, channels] = shape;
  if (shape.length !== 3 || !size(height) || !size(width) || channels === null || !size(channels)) {
    refuse(owner, 'inputShape', '[height, width, channels], the first two maybe null', shape);
  }
  return [...shape];
}

/** The stride of the feature map: a power of 2 between the stem's and the whole network's. */
function outputStride(
  owner: string,
  wanted: number | null,
  { units, stem }: Pick<Plan, 'units' | 'stem'>,
): number {
  const possible = units.map((_, i) => STEM_STRIDES[stem] * 2 ** i);
  if (wanted === null) return possible.at(-1)!;
  if (!possible.includes(wanted)) {
    refuse(owner, 'outputStride', `one of ${possible.join(', ')}`, wanted);
  }
  return wanted;
}
