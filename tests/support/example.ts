import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DecodedPng, decode } from 'fast-png';

/** What the short form of an example printed and drew. */
export interface ExampleResult {
  stdout: string;
  /** The rows of the table that it printed, each with its cells by the column's head. */
  table: Record<string, string>[];
  pictures: Record<string, DecodedPng>;
}

/** Runs the short form of the example with this number, as `npm run example` does. */
export async function runExample(number: string, ...more: string[]): Promise<ExampleResult> {
  const out = await mkdtemp(join(tmpdir(), `example-${number}-`));
  try {
    const args = ['examples/run.js', number, '--short', '--out', out, ...more];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    if (stderr !== '') throw new Error(`Example ${number} warns: ${stderr}`);
    const names = (await readdir(out)).filter((name) => name.endsWith('.png'));
    const files = names.map(async (name) => [name, decode(await readFile(join(out, name)))]);
    return {
      stdout,
      table: tableOf(stdout),
      pictures: Object.fromEntries(await Promise.all(files)),
    };
  } finally {
    await rm(out, { recursive: true });
  }
}

/** The number in a cell. */
export const numberIn = (cell: string | undefined) => Number.parseFloat(cell ?? '');

/** Its cells stand under the rule, `───  ──`, that its head stands over. */
function tableOf(stdout: string): Record<string, string>[] {
  const lines = stdout.split('\n');
  const rule = lines.findIndex((line) => line.startsWith('─'));
  if (rule < 0) return [];
  const columns = [...lines[rule]!.matchAll(/─+/g)].map(
    ({ index, 0: { length } }) =>
      (line: string) =>
        line.slice(index, index + length).trim(),
  );
  const end = lines.indexOf('', rule);
  return lines.slice(rule + 1, end < 0 ? undefined : end).map((line) => {
    const cells = columns.map((column) => [column(lines[rule - 1]!), column(line)]);
    return Object.fromEntries(cells);
  });
}
