import { serialization } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { beforeEach, expect, it } from 'vitest';
import * as blocks from '../src/index.js';

const { classNameMap } = serialization.SerializationMap.getMap();

/** Every layer class that the library exports. */
const exported = Object.values(blocks as Record<string, unknown>).filter(
  (value): value is typeof layers.Layer & { className: string } =>
    typeof value === 'function' && value.prototype instanceof layers.Layer,
);

beforeEach(() => {
  for (const { className } of exported) delete classNameMap[className];
});

it('registerLayers registers every layer that the library exports, under a name of its own', () => {
  blocks.registerLayers();
  expect(exported.length).toBeGreaterThan(5);
  for (const layer of exported) {
    expect(layer.className).toMatch(/^Blocks\.\w+$/);
    expect(classNameMap[layer.className]![0]).toBe(layer);
  }
});
