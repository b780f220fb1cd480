import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a command prints; throws with all that it printed when it fails. */
export async function run(command: string, args: string[], cwd = '.'): Promise<string> {
  try {
    const options = { cwd, maxBuffer: 2 ** 26, shell: process.platform === 'win32' };
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
}

/** What a script prints as JSON; it lies in `folder`, and runs somewhere else unless told. */
export async function runScript(
  folder: string,
  name: string,
  code: string,
  cwd = '/',
): Promise<unknown> {
  const file = join(folder, name);
  await writeFile(file, code);
  return JSON.parse(await run(process.execPath, [file], cwd));
}
