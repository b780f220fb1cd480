import { refuse } from '../core/args.js';

/** A residual block's kind. */
export type BlockKind = 'basic' | 'bottleneck';
/** What stands before the blocks. */
export type Stem = 'imagenet' | 'deep' | 'cifar' | 'none';

/** How a network of some depth is made up. */
export interface Plan {
  readonly block: BlockKind;
  /** The number of blocks in each stage. */
  readonly units: readonly number[];
  /** The channels of the stem and of the first stage before expansion; they double per stage. */
  readonly filters: number;
  readonly stem: Stem;
  readonly inputShape: readonly (number | null)[];
  readonly classes: number;
}

/** The version of a residual network: after (1) or before (2) which normalisation comes. */
export type Version = 1 | 2;

const IMAGENET = {
  filters: 64,
  stem: 'imagenet',
  inputShape: [224, 224, 3],
  classes: 1000,
} as const;
const CIFAR = { filters: 16, stem: 'cifar', inputShape: [32, 32, 3], classes: 10 } as const;

/** He et al. 2015, Table 1; 200 layers: He et al. 2016, section 5. */
const TABLE: Record<number, Pick<Plan, 'block' | 'units'>> = {
  18: { block: 'basic', units: [2, 2, 2, 2] },
  34: { block: 'basic', units: [3, 4, 6, 3] },
  50: { block: 'bottleneck', units: [3, 4, 6, 3] },
  101: { block: 'bottleneck', units: [3, 4, 23, 3] },
  152: { block: 'bottleneck', units: [3, 8, 36, 3] },
  200: { block: 'bottleneck', units: [3, 24, 36, 3] },
};

/** The convolutions per stage of one more block in each of the three stages of a CIFAR network. */
const CIFAR_PERIODS: Record<BlockKind, number> = { basic: 6, bottleneck: 9 };

/** The kinds that a CIFAR depth of both forms (20, 56, 110, 164) is made of, the usual one first. */
const CIFAR_KINDS: Record<Version, BlockKind[]> = {
  1: ['basic', 'bottleneck'],
  2: ['bottleneck', 'basic'],
};

/**
 * The network of a depth: one of the table's, else for CIFAR 6n + 2 (basic blocks; He et al. 2015,
 * section 4.2) or 9n + 2 (bottlenecks; He et al. 2016, section 4).
 */
export function planOf(owner: string, depth: number, version: Version, block?: BlockKind): Plan {
  const known = TABLE[depth];
  const imagenet = known ? [{ ...IMAGENET, ...known }] : [];
  const cifar = CIFAR_KINDS[version].flatMap((kind) => {
    const n = (depth - 2) / CIFAR_PERIODS[kind];
    return Number.isInteger(n) && n > 0 ? [{ ...CIFAR, block: kind, units: [n, n, n] }] : [];
  });
  const plans: Plan[] = [...imagenet, ...cifar];
  const plan = plans.find((candidate) => !block || candidate.block === block);
  if (plan) return plan;
  const table = Object.entries(TABLE).filter(([, entry]) => !block || entry.block === block);
  const periods = Object.entries(CIFAR_PERIODS).filter(([kind]) => !block || kind === block);
  const forms = [...table.map(([d]) => d), ...periods.map(([, period]) => `${period}n + 2`)];
  const of = block ? ` with ${block} blocks` : '';
  return refuse(owner, 'depth', `one of ${forms.join(', ')}${of}`, depth);
}
