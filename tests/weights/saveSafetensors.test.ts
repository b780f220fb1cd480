import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namedWeights } from '../../src/core/weightNames.js';
import { loadWeights, saveSafetensors } from '../../src/weights/index.js';
import { onBackends } from '../support/backends.js';
import { runPython, withoutPython } from '../support/python.js';
import { fixture } from './fixtures.js';
import { holder, kerasNet, torchNet, weightsOf } from './models.js';

/** Prints the names, types, shapes and values of a file as safetensors' own library reads them. */
const READ = `
import json, sys
from safetensors.numpy import load_file
tensors = load_file(sys.argv[1])
print(json.dumps({n: [str(t.dtype), list(t.shape), t.ravel().tolist()] for n, t in tensors.items()}))
`;

onBackends(['cpu', 'wasm'], () => {
  it.each([torchNet, kerasNet])(
    'writes what loadWeights reads back bit for bit',
    async (network) => {
      const [from, to] = [network(), network()];
      const bytes = await saveSafetensors(from);
      expect(weightsOf(to)).not.toEqual(weightsOf(from));
      const { loaded, ignored } = await loadWeights(to, bytes);
      expect(weightsOf(to)).toEqual(weightsOf(from));
      expect(loaded.sort()).toEqual([...namedWeights(from).keys()].sort());
      expect(ignored).toEqual([]);
      from.dispose();
      to.dispose();
    },
  );

  it('aligns the data to 8 bytes', async () => {
    const model = holder({ a: [1], bb: [1] });
    const bytes = await saveSafetensors(model);
    expect((bytes.length - 8) % 8).toBe(0);
    model.dispose();
  });

  describe.skipIf(withoutPython)(`in Python${withoutPython}`, () => {
    it('has the same names, shapes and values', { timeout: 120_000 }, async () => {
      const model = torchNet();
      await loadWeights(model, await fixture('torch.safetensors'), { from: 'torchvision' });
      const folder = await mkdtemp(join(tmpdir(), 'weights-'));
      try {
        const file = join(folder, 'model.safetensors');
        await writeFile(file, await saveSafetensors(model));
        const { stdout } = await runPython('-c', READ, file);
        const values = weightsOf(model);
        const expected = [...namedWeights(model)].map(([name, { shape }], i) => [
          name,
          ['float32', shape, values[i]],
        ]);
        expect(JSON.parse(stdout)).toEqual(Object.fromEntries(expected));
      } finally {
        await rm(folder, { recursive: true });
        model.dispose();
      }
    });
  });
});
