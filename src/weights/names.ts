import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import type { StoredTensor } from './StoredTensor.js';

/** Where a tensor of a file goes. */
export interface Target {
  /** One of the model's weights, such as `stem/conv1/kernel`. */
  name: string;
  /** Which axis of the stored tensor each axis of the weight is. Default: the same. */
  transpose?: readonly number[];
  /** Whether axes of size 1 don't count: `[1, 1, a, b]` becomes `[a, b]`. Default false. */
  squeeze?: boolean;
}

/**
 * Tells where a tensor of a file goes: the weight's name alone, or with a change of layout; `null`
 * when the model has no use for it.
 */
export type NameMap = (name: string, shape: readonly number[]) => string | Target | null;

/** How the names of a system become those of a model. */
export interface System {
  /** The weights that a tensor may stand for, the best first; null when it is no weight. */
  targets(tensor: StoredTensor): readonly Target[] | null;
  /** The same by the order of layers, for a file in which no name is known. */
  inOrder?(tensor: StoredTensor): readonly Target[];
  /** More names of a model's weights, which `targets` and `inOrder` use. */
  aliases?(model: LayersModel): Map<string, LayerVariable>;
}

/** The names of the model itself, as `saveSafetensors` writes them. */
export const own: System = { targets: ({ name }) => [{ name }] };

/** The names that a user's function gives. */
export function custom(map: NameMap): System {
  return {
    targets({ name, shape }) {
      const target = map(name, shape);
      if (target === null) return null;
      return [typeof target === 'string' ? { name: target } : target];
    },
  };
}

/** How a model's layers may be called after modules in modules: a path, or one layer's name. */
export function spellings(steps: readonly string[]): string[] {
  return ['/', '.', '_'].map((separator) => steps.join(separator));
}

/** A table's entry; what every object inherits is none, whatever a file calls its tensors. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
