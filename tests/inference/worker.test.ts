import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

// Inside the package, so that `tfjs-blocks` means the built package itself.
const FOLDER = 'out/worker-snippet';

it('the worker of the guide predicts while the main thread goes on', async () => {
  const guide = readFileSync('docs/inference.md', 'utf8');
  const blocks = [...guide.matchAll(/```javascript\n(.*?)```/gs)].map(([, code]) => code!);
  expect(blocks.length).toBe(2);
  mkdirSync(FOLDER, { recursive: true });
  const [worker, main] = blocks as [string, string];
  writeFileSync(join(FOLDER, 'predict.js'), worker);
  const counted = main.replace('worker.postMessage', 'count(); worker.postMessage');
  const turns = `let turns = 0;
    let waiting = true;
    const count = () => {
      turns++;
      if (waiting) setImmediate(count);
    };`;
  const code = `${turns}\n${counted}\nwaiting = false;\nexport { scores, turns };`;
  writeFileSync(join(FOLDER, 'main.js'), code);
  const { scores, turns: answered } = (await import(
    pathToFileURL(join(FOLDER, 'main.js')).href
  )) as { scores: Float32Array; turns: number };
  expect(scores.length).toBe(10);
  expect(scores.every(Number.isFinite)).toBe(true);
  // The main thread's loop went round while the worker started and predicted.
  expect(answered).toBeGreaterThan(10);
});
