import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { MaxPool2DSame, type MaxPool2DSameArgs } from '../../src/index.js';
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { noise } from '../support/float64.js';
import { outputAndGradients } from './gradients.js';

const bad: [object, string][] = [
  [{ poolSize: 0 }, 'MaxPool2DSame: poolSize must be a positive integer, got 0'],
  [{ poolSize: 2 }, 'MaxPool2DSame: poolSize must be odd, got 2'],
  [{ strides: 0.5 }, 'MaxPool2DSame: strides must be a positive integer, got 0.5'],
];
for (const [args, message] of bad) {
  it(`${JSON.stringify(args)} is refused`, () => {
    expect(() => new MaxPool2DSame(args as MaxPool2DSameArgs)).toThrow(message);
  });
}

/** Pooling of one line of pixels in loops: where each window found its largest value. */
function winners(line: number[], poolSize: number, strides: number): number[] {
  const reach = (poolSize - 1) / 2;
  return Array.from({ length: Math.ceil(line.length / strides) }, (_, o) => {
    const window = line.map((v, i) => (Math.abs(i - o * strides) <= reach ? v : -Infinity));
    return window.indexOf(Math.max(...window));
  });
}

onEveryBackend((backend) => {
  const sizes = backend === 'webgl' || backend === 'webgpu' ? [6] : [1, 2, 5, 6, 7];
  for (const n of sizes) {
    for (const [poolSize, strides] of [
      [3, 2],
      [5, 3],
    ] as const) {
      it(`pools ${n} pixels by ${poolSize} with stride ${strides}, which are all negative`, async () => {
        const line = Array.from(noise(n, n), (v) => v - 1);
        const at = winners(line, poolSize, strides);
        const dy = Array.from(noise(at.length, 3));
        const layer = new MaxPool2DSame({ poolSize, strides });
        const x = tf.tensor4d(line, [1, n, 1, 1]);
        const grad = tf.tensor4d(dy, [1, at.length, 1, 1]);
        const { y, gradients } = outputAndGradients(layer, [x], grad);
        const expected = at.map((i) => line[i]!);
        await expectClose(y, expected, { shape: layer.computeOutputShape(x.shape) as number[] });
        const dx = Array(n).fill(0);
        for (const [o, i] of at.entries()) dx[i] += dy[o]!;
        await expectClose(gradients[0]!, dx);
        tf.dispose([x, grad, y, ...gradients]);
      });
    }
  }
});
