// Runs vitest with the given arguments, or all tests, and then the quick part on the Node that SECOND_NODE names
// (as `24`; the npm package `node` brings it). The last line counts the tests of all runs, also when vitest
// crashed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chromium } from '../tests/support/chromium.js';
import { compatibility, type FileResults, withTable } from './compatibility.js';
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

/** A run of vitest: where its results go, what it is given, and on which Node. */
interface Plan {
  file: string;
  args: string[];
  node?: string;
}

const { SECOND_NODE } = process.env;
const given = process.argv.slice(2);
const second: Plan[] = SECOND_NODE
  ? [{ file: 'test-results-second.json', args: QUICK, node: nodeOf(SECOND_NODE) }]
  : [];
/**
 * All of them in two lanes, for two cores: Node's tests take one, and Chromium's software graphics adapter the
 * other, which would be slowed down most by a third.
 */
const lanes: Plan[][] =
  given.length > 0
    ? [[{ file: 'test-results.json', args: given }, ...second]]
    : [
        [of('node', 'without fma')],
        [...(chromium ? [of('chromium')] : []), of('package', 'webgpu'), ...second],
      ];

const done: (Run & { plan: Plan })[] = [];
await Promise.all(
  lanes.map(async (lane, i) => {
    for (const plan of lane) {
      const { output, ...run } = await vitest(plan, i === 0 && !plan.node ? 'inherit' : 'pipe');
      if (output) console.log(`\n${output}`);
      done.push({ ...run, plan });
    }
  }),
);
const runs: Run[] = [...done];
if (given.length === 0) {
  const here = done.filter(({ plan }) => !plan.node);
  const testResults = here.flatMap(({ results }) => results?.testResults ?? []);
  writeFileSync('test-results.json', JSON.stringify({ testResults }));
  if (!tableHolds(testResults)) {
    console.error('docs/compatibility.md is not what the tests show: npm run compatibility');
    runs.push({ results: undefined, success: false });
  }
}
console.log(counts(runs));
process.exitCode = runs.every(({ success }) => success) ? 0 : 1;

/** All tests of some projects of vitest.config.ts. */
function of(...projects: string[]): Plan {
  return {
    file: `test-results-${projects[0]}.json`,
    args: projects.flatMap((project) => ['--project', project]),
  };
}

async function vitest(
  { file, args, node = process.execPath }: Plan,
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

/** Whether the table of features and backends is that of these results, if they are of all backends. */
function tableHolds(results: FileResults[]): boolean {
  const page = readFileSync('docs/compatibility.md', 'utf8');
  const table = compatibility(results);
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
