import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { noise } from '../support/float64.js';

/** FNV-1a of a name: where its numbers start. */
export function seedOf(name: string): number {
  let state = 2166136261;
  for (const char of name) state = Math.imul(state ^ char.charCodeAt(0), 16777619) >>> 0;
  return state;
}

/** The value of a weight by its name and shape, as tools/golden/resnet.py has it. */
function valuesOf(name: string, shape: readonly (number | null)[]): Float32Array {
  const size = (shape as number[]).reduce((product, n) => product * n, 1);
  const values = Float32Array.from(noise(size, seedOf(name)));
  const kind = name.split('/').at(-1)!;
  if (kind === 'kernel') {
    const scale = Math.fround(Math.sqrt(6 / (size / (shape.at(-1) as number))));
    return values.map((v) => v * scale);
  }
  const centre = kind === 'gamma' || kind === 'moving_variance' ? 1 : 0;
  return values.map((v) => v / 4 + centre);
}

/** Gives every weight of a model the value that its name makes. */
export function fillByName(model: LayersModel): void {
  for (const weight of model.weights) {
    const value = tensor(valuesOf(weight.originalName, weight.shape), weight.shape as number[]);
    weight.write(value);
    value.dispose();
  }
}

/** The images of a size: `[batch, h, w, 3]`. */
export function image(batch: number, [height, width]: readonly number[]): Tensor {
  const shape = [batch, height!, width!, 3];
  const size = shape.reduce((product, n) => product * n);
  return tensor(Float32Array.from(noise(size, seedOf('image'))), shape);
}
