import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { loadWeights, type SystemName } from '../../src/weights/index.js';
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { runPython, withoutPython } from '../support/python.js';
import { expectedOf, FIXTURES } from './fixtures.js';
import { holder, kerasNet, renormNet, slimNet, torchNet } from './models.js';

const KERAS = ['.weights.h5', '.h5', '.keras'];
const NETWORKS: [file: string, from: SystemName, network: () => LayersModel][] = [
  ['torch.safetensors', 'torchvision', torchNet],
  ['torch.safetensors', 'timm', torchNet],
  ['slim.npz', 'slim', slimNet],
  ['renorm.h5', 'keras', renormNet],
  ...['keras2', 'keras3'].flatMap((keras) =>
    KERAS.map((kind): (typeof NETWORKS)[number] => [keras + kind, 'keras', kerasNet]),
  ),
];

/** What holds for the files of a folder, whenever they were written. */
function suite(folder: () => string): void {
  it.each(NETWORKS)("%s from '%s' computes what it computed there", async (file, from, network) => {
    await expectSame(folder(), file, from, network());
  });

  it.each(NETWORKS.filter(([file]) => file.startsWith('keras')))(
    '%s is loaded by the order of layers when no name is known',
    async (file, from) => {
      await expectSame(
        folder(),
        file,
        from,
        kerasNet((name) => `my_${name}`),
      );
    },
  );

  it.each(['types.safetensors', 'arrays.npz', 'arrays.h5'])(
    '%s of every type has its values',
    async (file) => {
      const expected = await expectedOf(folder(), file);
      const shapes = Object.entries(expected).map(([name, { shape }]) => [name, shape]);
      const model = holder(Object.fromEntries(shapes));
      await loadWeights(model, join(folder(), file), { from: (name) => `holder/${name}` });
      const values = Object.values(expected);
      for (const [i, weight] of model.getWeights().entries()) {
        const exact = Float32Array.from(values[i]!.data);
        await expectClose(weight, exact, { tolerance: 0, shape: values[i]!.shape });
      }
      model.dispose();
    },
  );
}

async function expectSame(
  folder: string,
  file: string,
  from: SystemName,
  model: LayersModel,
): Promise<void> {
  const { x, y } = await expectedOf(folder, file);
  await loadWeights(model, join(folder, file), { from });
  const image = tensor(x!.data, x!.shape);
  const output = model.predict(image) as Tensor;
  await expectClose(output, y!.data, { tolerance: 1e-6, shape: y!.shape });
  image.dispose();
  output.dispose();
  model.dispose();
}

onBackends(['cpu'], () => {
  describe('the committed files', () => {
    suite(() => FIXTURES);
  });

  describe.skipIf(withoutPython)(`files as they are written today${withoutPython}`, () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'weights-'));
      await runPython('tools/weights.py', folder, 'small');
    }, 600_000);
    afterAll(() => rm(folder, { recursive: true }));
    suite(() => folder);
  });
});
