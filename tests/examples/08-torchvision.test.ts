import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resNetV1 } from '../../src/index.js';
import { loadWeights } from '../../src/weights/index.js';
import { type ExampleResult, numberIn, runExample } from '../support/example.js';
import { runPython, withoutPython } from '../support/python.js';

const FOLDER = 'examples/08-torchvision';

describe('example 08, a ResNet with weights from a torchvision file', () => {
  let result: ExampleResult;
  let torch: { right: number[]; logits: number[][] };
  beforeAll(async () => {
    result = await runExample('08');
    torch = JSON.parse(await readFile(join(FOLDER, 'torch.json'), 'utf8'));
  }, 240_000);

  it('knows as many of each digit as the network did in torch, 98 % of all', () => {
    const right = result.table.slice(0, 10).map((row) => numberIn(row['right here']));
    expect(right).toEqual(torch.right);
    expect(numberIn(result.table[11]!['right here'])).toBeGreaterThan(98);
  });

  it('marks the wrong ones, in the second row of its picture', () => {
    const { data, channels, width } = result.pictures['08-torchvision.png']!;
    const colours = (from: number, to: number) => {
      const found = new Set<string>();
      for (let i = from * width * channels; i < to * width * channels; i += channels)
        found.add(data.subarray(i, i + 3).join());
      return found;
    };
    const [row, mark] = [2 * 246, '194,65,12'];
    expect(colours(0, row)).not.toContain(mark);
    expect(colours(row, 2 * row)).toContain(mark);
  });

  it('computes the logits of torch, to 1e-4', async () => {
    const { digitTensors } = await import(resolve('examples/shared/digits.js'));
    const { forTorchvision } = await import(resolve('examples/shared/photo.js'));
    const network = resNetV1({ depth: 18, filters: 6, classes: 10, inputShape: [28, 28, 3] });
    await loadWeights(network, join(FOLDER, 'digits.safetensors'), { from: 'torchvision' });
    const { heldOut } = await digitTensors(10_000);
    const logits = tidy(() => {
      const images = slice(heldOut.x as Tensor, 0, torch.logits.length);
      return (network.predict(forTorchvision(images)) as Tensor).arraySync() as number[][];
    });
    const errors = logits.flatMap((row, i) =>
      row.map((v, j) => Math.abs(v - torch.logits[i]![j]!)),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });
});

/** The commands of the examples' index, with random weights instead of those that torchvision downloads. */
const PYTHON = `
import json, os, sys
sys.path.insert(0, "tools/golden")
from _systems import load_torchvision
models = load_torchvision().models
import numpy as np
import torch
torch.manual_seed(1)
whole = models.resnet18().eval()
whole.fc.weight.data.mul_(6)
models.resnet18 = lambda weights: whole
height, width = map(int, sys.argv[2:])
os.chdir(sys.argv[1])
SNIPPET
pixels = np.fromfile("pixels", np.uint8).reshape(height, width, 3)
image = weights.transforms()(torch.tensor(pixels).permute(2, 0, 1))
with torch.no_grad():
    best = network(image[None]).softmax(1)[0].topk(5)
print(json.dumps([best.indices.tolist(), best.values.tolist()]))
`;

describe.skipIf(withoutPython)(`with a whole ResNet-18 and a picture${withoutPython}`, () => {
  const [height, width] = [300, 260];
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'torchvision-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('its five classes are those of torchvision, as probable', { timeout: 240_000 }, async () => {
    const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
      const [y, x] = [Math.floor(i / 3 / width), Math.floor(i / 3) % width];
      return ((x * y) / 40 + 60 * (i % 3)) % 256;
    });
    await writeFile(join(folder, 'pixels'), data);
    await writeFile(join(folder, 'a.png'), encode({ height, width, data, channels: 3 }));
    const snippet = /```python\n(.*?)```/s.exec(await readFile('examples/README.md', 'utf8'))![1]!;
    const python = PYTHON.replace('SNIPPET', snippet);
    const { stdout } = await runPython('-c', python, folder, `${height}`, `${width}`);
    const classes = (await readFile(join(folder, 'classes.txt'), 'utf8')).split('\n');
    const [numbers, shares] = JSON.parse(stdout.trim().split('\n').at(-1)!) as number[][];

    const files = { weights: 'resnet18.safetensors', picture: 'a.png', classes: 'classes.txt' };
    const args = Object.entries(files).flatMap(([name, file]) => [`--${name}`, join(folder, file)]);
    const { table } = await runExample('08', ...args);
    expect(table.map((row) => row[join(folder, 'a.png')])).toEqual(numbers!.map((n) => classes[n]));
    for (const [i, row] of table.entries()) {
      expect(Math.abs(numberIn(row.probability) - 100 * shares![i]!)).toBeLessThan(0.2);
    }
  });
});
