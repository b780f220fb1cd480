import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { show } from '../core/args.js';
import { namedWeights } from '../core/weightNames.js';
import type { System, Target } from './names.js';
import type { StoredTensor } from './StoredTensor.js';

/** A weight and the tensor that is to become its value. */
export interface Assignment {
  variable: LayerVariable;
  tensor: StoredTensor;
  target: Target;
}

/** What goes where, what is left, and what is wrong. */
export interface Plan {
  /** By the weights' names. */
  assignments: Map<string, Assignment>;
  /** The tensors that the model has no use for. */
  ignored: string[];
  /** What keeps the file from fitting the model, a line each. */
  problems: string[];
}

/**
 * Pairs the tensors of a file with the weights of a model.
 *
 * @param except The weights and tensors that are left alone.
 */
export function planOf(
  model: LayersModel,
  tensors: readonly StoredTensor[],
  system: System,
  except: (name: string) => boolean,
): Plan {
  const weights = namedWeights(model);
  const names = new Map([...weights].map(([name, variable]) => [variable, name]));
  const aliases = system.aliases?.(model);
  const find: Find = (name) => weights.get(name) ?? aliases?.get(name);
  const plan: Plan = { assignments: new Map(), ignored: [], problems: [] };
  const { assignments, ignored, problems } = plan;
  const taken = new Map<string, string>();
  for (const [tensor, targets] of choices(tensors, system, find)) {
    const target = targets?.find(({ name }) => find(name));
    const variable = target && find(target.name)!;
    const name = variable ? names.get(variable)! : tensor.name;
    if (!targets || except(name) || except(tensor.name)) {
      ignored.push(tensor.name);
    } else if (!variable) {
      const meant =
        targets.length === 1 && targets[0]!.name !== tensor.name ? targets[0]!.name : '';
      const goes = meant && `, which would be '${meant}'`;
      problems.push(`extra: '${tensor.name}' ${show(tensor.shape)}${goes}`);
    } else if (taken.has(name)) {
      problems.push(`twice: '${name}' is '${taken.get(name)}' and '${tensor.name}'`);
    } else {
      taken.set(name, tensor.name);
      const misfit = misfitOf(tensor.shape, target!, variable.shape as number[]);
      if (misfit) problems.push(`shape: '${name}' ${misfit}, in '${tensor.name}'`);
      else assignments.set(name, { variable, tensor, target: target! });
    }
  }
  for (const [name, { shape }] of weights) {
    if (taken.has(name) || except(name)) continue;
    problems.push(`missing: '${name}' ${show(shape)}`);
  }
  if (taken.size === 0) problems.push("no name is known: is 'from' the right system?");
  return plan;
}

type Find = (name: string) => LayerVariable | undefined;

/** What each tensor may stand for: by names, or by the order of layers when no name is known. */
function choices(
  tensors: readonly StoredTensor[],
  system: System,
  find: Find,
): (readonly [StoredTensor, readonly Target[] | null])[] {
  const byName = tensors.map((tensor) => [tensor, system.targets(tensor)] as const);
  const known = byName.some(([, targets]) => targets?.some(({ name }) => find(name)));
  if (known || !system.inOrder) return byName;
  return tensors.map((tensor) => [tensor, system.inOrder!(tensor)] as const);
}

/** Why a stored shape doesn't become the needed one; undefined when it does. */
function misfitOf(
  stored: readonly number[],
  { transpose, squeeze = false }: Target,
  needed: readonly number[],
): string | undefined {
  if (transpose && !isPermutation(transpose, stored.length)) {
    return `can't be transposed by ${show(transpose)} from ${show(stored)}`;
  }
  const shape = transpose?.map((axis) => stored[axis]!) ?? stored;
  const counted = (sizes: readonly number[]) => sizes.filter((n) => !squeeze || n !== 1).join();
  if (counted(shape) === counted(needed)) return undefined;
  const transposed = transpose ? `, ${show(shape)} transposed` : '';
  return `must be ${show(needed)}, got ${show(stored)}${transposed}`;
}

function isPermutation(axes: readonly number[], rank: number): boolean {
  return axes.length === rank && axes.every((_, axis) => axes.includes(axis));
}
