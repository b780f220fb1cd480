// @ts-check
// Runs the example whose number is the first argument: `npm run example -- 01 --short`.
import { readdirSync } from 'node:fs';

const folder = new URL('./', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => /^\d\d-/.test(name))
  .sort();
const [number, ...rest] = process.argv.slice(2);
const name = names.find((one) => one === number || one.slice(0, 2) === number);

if (name) {
  process.argv = [process.argv[0], name, ...rest];
  await import(new URL(`${name}/main.js`, folder).href);
} else {
  console.error(
    `npm run example -- NUMBER [--short] [--out FOLDER], one of\n\n${names.join('\n')}`,
  );
  process.exitCode = 2;
}
