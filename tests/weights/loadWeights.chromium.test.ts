import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { loadWeights, type Progress, type SystemName } from '../../src/weights/index.js';
import expected from '../fixtures/weights/expected.json' with { type: 'json' };
import { onBackends } from '../support/backends.js';
import { expectClose } from '../support/close.js';
import { kerasNet, slimNet, torchNet } from './models.js';

const FILES: [file: keyof typeof expected, from: SystemName, network: () => LayersModel][] = [
  ['torch.safetensors', 'torchvision', torchNet],
  ['slim.npz', 'slim', slimNet],
  ['keras3.weights.h5', 'keras', kerasNet],
  ['keras2.keras', 'keras', kerasNet],
];

onBackends(['webgl'], () => {
  describe('in a browser', () => {
    it.each(FILES)(
      '%s is fetched, with progress, and computes what it did',
      async (file, from, network) => {
        const { x, y } = expected[file] as { x: Values; y: Values };
        const model = network();
        const seen: Progress[] = [];
        const onProgress = (progress: Progress) => seen.push({ ...progress });
        await loadWeights(model, `/tests/fixtures/weights/${file}`, { from, onProgress });
        expect(seen.at(-1)!.loaded).toBeGreaterThan(0);
        const image = tensor(x.data, x.shape);
        const output = model.predict(image) as Tensor;
        await expectClose(output, y.data, { tolerance: 1e-5 });
        image.dispose();
        output.dispose();
        model.dispose();
      },
    );

    it('a File is read', async () => {
      const response = await fetch('/tests/fixtures/weights/torch.safetensors');
      const file = new File([await response.blob()], 'torch.safetensors');
      const model = torchNet();
      await expect(loadWeights(model, file)).rejects.toThrow("'torch.safetensors' doesn't fit");
      const { loaded } = await loadWeights(model, file, { from: 'torchvision' });
      expect(loaded.length).toBe(11);
      model.dispose();
    });
  });
});

interface Values {
  shape: number[];
  data: number[];
}
