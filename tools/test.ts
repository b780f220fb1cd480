// Runs vitest with the given arguments and, at the same time, the quick part on the Node that SECOND_NODE
// names (as `24`; the npm package `node` brings it). The last line counts the tests of both, also when
// vitest crashed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { compatibility, withTable } from './compatibility.js';
import { counts, type Run } from './counts.js';

/** What depends on the engine, and takes two minutes: backends, layers, kernels, the packed package. */
const QUICK = [
  ...['--reporter', 'dot', '--reporter', 'json'],
  ...['node', 'without fma', 'package'].flatMap((project) => ['--project', project]),
  ...['backend', 'core', 'kernels', 'layers', 'norm', 'train', 'upsample'].map(
    (folder) => `tests/${folder}/`,
  ),
  ...['blocks', 'mirror', 'resNet'].map((name) => `tests/blocks/${name}`),
  'tests/package/entries.test.ts',
];

const { SECOND_NODE } = process.env;
const second =
  SECOND_NODE && vitest(nodeOf(SECOND_NODE), 'test-results-second.json', QUICK, 'pipe');
const runs = [
  await vitest(process.execPath, 'test-results.json', process.argv.slice(2), 'inherit'),
];
if (second) {
  runs.push(await second);
  console.log(`\nThe quick part, on Node ${SECOND_NODE}:\n${runs[1]!.output}`);
}
if (process.argv.length === 2 && !tableHolds(runs[0]!)) {
  console.error('docs/compatibility.md is not what the tests show: npm run compatibility');
  runs.push({ results: undefined, success: false, output: '' });
}
console.log(counts(runs));
process.exitCode = runs.every(({ success }) => success) ? 0 : 1;

async function vitest(
  node: string,
  file: string,
  args: string[],
  output: 'inherit' | 'pipe',
): Promise<Run & { output: string }> {
  rmSync(file, { force: true });
  const command = ['node_modules/vitest/vitest.mjs', 'run', `--outputFile.json=${file}`, ...args];
  const child = spawn(node, command, { stdio: ['ignore', output, output] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
  const status = await new Promise((resolve) => {
    child.on('close', resolve).on('error', ({ message }) => {
      said += message;
      resolve(1);
    });
  });
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  return { results, success: status === 0 && results?.success === true, output: said };
}

/** Whether the table of features and backends is that of a run, if the run had all backends. */
function tableHolds({ results }: Awaited<ReturnType<typeof vitest>>): boolean {
  const page = readFileSync('docs/compatibility.md', 'utf8');
  const table = compatibility(results?.testResults ?? []);
  return !table || withTable(page, table) === page;
}

/** The program of a version of Node; where it can't be had, one that doesn't exist. */
function nodeOf(version: string): string {
  const args = ['--yes', `node@${version}`, '--print', 'process.execPath'];
  const shell = process.platform === 'win32';
  const { stdout, stderr } = spawnSync('npx', args, { encoding: 'utf8', shell });
  if (!stdout) console.error(`Node ${version} can't be had: ${stderr}`);
  return stdout?.trim() || `node@${version}`;
}
