import { entryOf } from './names.js';

/** The part of Keras's name of a class that its files count layers by: `BatchNormalization`. */
const CLASSES: Record<string, string> = {
  Model: 'Functional',
  'Blocks.BatchNorm': 'BatchNormalization',
  'Blocks.CroppedConv2DTranspose': 'Conv2DTranspose',
  'Blocks.Conv2DSame': 'Conv2D',
};

/**
 * Gives layers the names under which Keras holds them in `.weights.h5`: the class's in snake case,
 * counted up from the second on, `conv2d`, `conv2d_1`.
 *
 * Source: `keras/src/saving/saving_lib.py`, `_save_container_state`.
 */
export function kindCounter(): (className: string) => string {
  const counts = new Map<string, number>();
  return (className) => {
    const kind = snakeCase(entryOf(CLASSES, className) ?? className);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return count === 0 ? kind : `${kind}_${count}`;
  };
}

function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
