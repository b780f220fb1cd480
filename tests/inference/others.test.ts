import * as tf from '@tensorflow/tfjs-core';
import { LayersModel, type layers } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { fuse } from '../../src/inference/index.js';
import { registerKernels } from '../../src/kernels/index.js';
import { record, release } from '../../src/kernels/plan/record.js';
import { rewrite } from '../../src/kernels/plan/rewrite.js';
import { Heap } from '../../src/kernels/runtime/heap.js';
import { Kept } from '../../src/kernels/runtime/Kept.js';
import { onBackends } from '../support/backends.js';
import { noise } from '../support/float64.js';
import { installOthers, loadOther, OTHERS } from './others/load.js';

/** The kernels of normalisations and activations, which a plan has inside of convolutions. */
const ALONE = /^(FusedBatchNorm|Rsqrt|Multiply|Sub|RealDiv|Relu6?|Minimum|ClipByValue)$/;

const isNorm = (layer: layers.Layer) => layer.getClassName() === 'BatchNormalization';

onBackends(['wasm'], () => {
  beforeAll(installOthers, 120_000);

  for (const { name, norms } of OTHERS) {
    it(`${name}, which others made, predicts the same without its ${norms} normalisations`, async () => {
      const network = await loadOther(name);
      const shape = [1, ...network.inputs[0]!.shape.slice(1)] as number[];
      const x = tf.tensor(Float32Array.from(noise(tf.util.sizeFromShape(shape), 1)), shape);
      const names = network.layers.filter(isNorm).map((layer) => layer.name);
      expect(names.length).toBe(norms);

      const { model: fast, fused, kept } = fuse(network);
      const into = new Map(fused.map((one) => [one.layer, one.into]));
      for (const norm of names) expect(into.get(norm), norm).toBeTypeOf('string');
      expect(kept).toEqual([]);
      expect(fast.layers.some(isNorm)).toBe(false);

      // As who made it has it: by tfjs's own kernels, layer by layer.
      const putBack = registerKernels();
      putBack();
      const expected = await valuesOf(network.predict(x) as tf.Tensor);
      registerKernels();
      expect(kernelsOf(fast, x).filter((kernel) => ALONE.test(kernel))).toEqual([]);
      const [first, second] = [fast.predict(x) as tf.Tensor, fast.predict(x) as tf.Tensor];
      for (const y of [first, second])
        expect(difference(await valuesOf(y), expected)).toBeLessThan(1e-4);
      tf.dispose(x);
      network.dispose();
      fast.dispose();
    });
  }
});

/** The kernels of the plan of a model's prediction. */
function kernelsOf(model: LayersModel, x: tf.Tensor): string[] {
  const heap = Heap.of(tf.backend())!;
  return heap.keeping(new Kept(heap), () => {
    const byLayers = () => [LayersModel.prototype.predict.call(model, x) as tf.Tensor];
    const recording = record(heap, [x], byLayers);
    const { steps } = rewrite(recording, ({ dataId }) => heap.number(dataId));
    tf.dispose(recording.results);
    release(heap, recording.constants);
    return steps.map(({ kernelName }) => kernelName);
  });
}

async function valuesOf(y: tf.Tensor): Promise<Float32Array> {
  const values = await y.data<'float32'>();
  y.dispose();
  return values;
}

/** The largest difference, relative to the largest value. */
function difference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, y, i) => Math.max(most, Math.abs(y - expected[i]!)), 0) / largest;
}
