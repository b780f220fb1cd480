import { type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { oneOf } from '../core/args.js';
import { keras } from './kerasNames.js';
import { custom, type NameMap, own, type System } from './names.js';
import { permute } from './permute.js';
import { type Assignment, planOf } from './plan.js';
import { readTensors } from './readTensors.js';
import { type Rename, resNetNames } from './resNetNames.js';
import { slim } from './slim.js';
import { type Progress, readSource, type WeightsSource } from './source.js';
import { torch } from './torch.js';
import { reasonOf, WeightsError } from './WeightsError.js';

const OWNER = 'loadWeights';

/** A system whose files can be loaded. */
export type SystemName = 'keras' | 'slim' | 'timm' | 'torchvision';

const SYSTEMS: Record<SystemName, (rename: Rename) => System> = {
  keras,
  slim,
  timm: torch,
  torchvision: torch,
};

/** Options of {@link loadWeights}. */
export interface LoadWeightsOptions {
  /**
   * Whose names and layouts the file has: `'torchvision'`, `'timm'`, `'slim'` or `'keras'`, or a
   * function that tells where each tensor goes. Default: those that `saveSafetensors` writes.
   */
  from?: SystemName | NameMap;
  /**
   * The weights of the model, or tensors of the file, that are left alone, such as `/^fc\b/` for a
   * head of other classes. Default none.
   */
  except?: RegExp;
  /** Whether NaN and infinities are loaded too. Default false: they are an error. */
  allowNonFinite?: boolean;
  /** Called while the file is read. Default: nothing is told. */
  onProgress?: (progress: Progress) => void;
}

/** What {@link loadWeights} did. */
export interface LoadedWeights {
  /** The model's weights that have new values. */
  loaded: string[];
  /** The tensors of the file that were left out. */
  ignored: string[];
}

/**
 * Loads weights that another system, or `saveSafetensors`, wrote: from safetensors, npz, Keras H5,
 * `.weights.h5` or `.keras`, which the first bytes tell apart.
 *
 * All or nothing: when any weight is missing, or a tensor is left over, of another shape, or not
 * finite, all of them are listed in one error and the model is as it was.
 *
 * @param source The bytes, a `File` or `Blob`, a `Response`, a URL, or in Node a path.
 * @throws `OptionError` for an unknown `from`, {@link WeightsError} for a file that can't be read or
 * doesn't fit.
 *
 * @example
 * ```ts
 * const model = resNetV1({ depth: 50, preset: 'torch', classes: 1000 });
 * await loadWeights(model, 'https://example.com/resnet50.safetensors', { from: 'torchvision' });
 * ```
 */
export async function loadWeights(
  model: LayersModel,
  source: WeightsSource,
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const { from, except, allowNonFinite = false, onProgress } = options;
  const system = systemOf(from, model);
  const file = await readSource(source, onProgress);
  const tensors = await readTensors(file);
  // A global expression would remember where it stopped.
  const excepted = except && new RegExp(except, except.flags.replace(/[gy]/g, ''));
  const plan = planOf(model, tensors, system, (name) => excepted?.test(name) ?? false);
  const { assignments, ignored, problems } = plan;
  tidy(() => {
    const values = [...assignments.values()].map((assignment) =>
      newValue(assignment, allowNonFinite, problems),
    );
    if (problems.length > 0) {
      const list = problems.map((problem) => `\n  ${problem}`).join('');
      throw new WeightsError(`${file.name} doesn't fit the model, nothing was loaded:${list}`);
    }
    // From here on nothing can fail. Constraints are for training: what the file says is loaded.
    [...assignments.values()].forEach(({ variable }, i) => {
      (variable.read() as Variable).assign(values[i]!);
    });
  });
  return { loaded: [...assignments.keys()], ignored };
}

function systemOf(from: LoadWeightsOptions['from'], model: LayersModel): System {
  if (from === undefined) return own;
  if (typeof from === 'function') return custom(from);
  const name = oneOf(OWNER, 'from', from, Object.keys(SYSTEMS) as SystemName[]);
  return SYSTEMS[name](resNetNames(name, model));
}

/** The new value of a weight; what is wrong with it is added to the problems. */
function newValue(
  { variable, tensor: stored, target }: Assignment,
  allowNonFinite: boolean,
  problems: string[],
): Tensor | undefined {
  let values: Float32Array;
  try {
    values = stored.read();
  } catch (error) {
    problems.push(`unreadable: '${stored.name}' (${reasonOf(error)})`);
    return undefined;
  }
  const broken = allowNonFinite ? 0 : countNonFinite(values);
  if (broken > 0) problems.push(`not finite: ${broken} of ${values.length} in '${stored.name}'`);
  const { transpose } = target;
  const inPlace = transpose ? permute(values, stored.shape, transpose) : values;
  return tensor(inPlace, variable.shape as number[], variable.dtype);
}

function countNonFinite(values: Float32Array): number {
  let count = 0;
  // Millions of values: a callback or an iterator for each takes longer than reading them.
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) count++;
  return count;
}
