import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logDirectory, SummaryWriter } from '../../src/summary/index.js';
import { byTag } from '../support/eventLog.js';

const CHILD = fileURLToPath(new URL('../support/writeEvents.ts', import.meta.url));
const NODE = [process.execPath, '--import', 'tsx', CHILD];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'summary-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const files = () => readdirSync(directory).sort();
const steps = (file: string) => {
  return byTag(readFileSync(join(directory, file))).loss!.map((event) => event.step);
};

describe('a log directory', () => {
  it('is made when it is missing, with its parents', async () => {
    const writer = new SummaryWriter(`${directory}/digits/train`);
    writer.scalar('loss', 1, 0);
    await writer.close();
    expect(readdirSync(`${directory}/digits/train`)).toEqual([
      expect.stringMatching(/^events\.out\.tfevents\.\d{10}\./),
    ]);
  });

  it('keeps the files of earlier writers, in the order of their names', async () => {
    for (const step of [0, 1, 2]) {
      const writer = new SummaryWriter(directory);
      writer.scalar('loss', 1, step);
      await writer.close();
    }
    expect(files().map(steps)).toEqual([[0], [1], [2]]);
  });

  it('takes a sink made by hand', async () => {
    const writer = new SummaryWriter(logDirectory(directory));
    writer.scalar('loss', 1, 5);
    await writer.close();
    expect(files().map(steps)).toEqual([[5]]);
  });

  it('holds every flushed event after the process was killed', async () => {
    const [command, ...args] = [...NODE, directory, '1000000'];
    const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let flushed = 0;
    for await (const line of child.stdout.setEncoding('utf8')) {
      flushed = Number(/flushed: (\d+)\n$/.exec(line)?.[1] ?? flushed);
      if (flushed >= 50) child.kill('SIGKILL');
    }
    const found = steps(files()[0]!);
    expect(found.length).toBeGreaterThanOrEqual(flushed);
    expect(found).toEqual([...found.keys()]);
  });

  it.skipIf(process.platform === 'win32')(
    'that is full fails the flush with a clear error and a file of whole records',
    () => {
      // A limit on the file size stands for the full disk: the write stops in the middle of it.
      const starve = ['-c', 'trap "" XFSZ; ulimit -f 4; exec "$@"', 'sh', ...NODE];
      const said = execFileSync('sh', [...starve, directory, '1000'], { encoding: 'utf8' });
      const flushed = Number(/.*flushed: (\d+)\n/s.exec(said)![1]);
      expect(said).toMatch(
        /failed: SummaryWriter: cannot write '.*tfevents.*': EFBIG: file too large, write; the events flushed before are intact\n$/,
      );
      expect(steps(files()[0]!)).toEqual([...Array(flushed).keys()]);
    },
  );
});

describe('bad directories', () => {
  it('one that cannot be written is refused by its path', () => {
    mkdirSync(`${directory}/locked`);
    chmodSync(`${directory}/locked`, 0o555);
    chmodSync(directory, 0o755);
    // Root may write anywhere.
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!('nobody');
    try {
      expect(() => new SummaryWriter(`${directory}/locked`)).toThrow(
        `logDirectory: cannot write in '${directory}/locked': EACCES: permission denied`,
      );
    } finally {
      if (root) process.seteuid!(0);
    }
  });

  it('one in the place of a file is refused by its path', async () => {
    await new SummaryWriter(directory).close();
    const file = join(directory, files()[0]!);
    expect(() => logDirectory(`${file}/train`)).toThrow(
      `logDirectory: cannot write in '${file}/train': ENOTDIR`,
    );
  });

  it('none exists where there is no file system', () => {
    vi.stubGlobal('process', undefined);
    try {
      expect(() => logDirectory('logs')).toThrow(
        "logDirectory: there is no file system here for 'logs'",
      );
      expect(() => new SummaryWriter('logs')).toThrow(
        "browserDirectory: there is no origin-private file system here for 'logs'",
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
