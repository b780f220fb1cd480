import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const examples = readdirSync('examples').filter((name) => /^(?!00)\d\d-/.test(name));

describe.each(examples)('example %s', (name) => {
  const sources = readdirSync(`examples/${name}`).filter((file) => /\.[jt]s$/.test(file));
  const lines = sources.flatMap((file) =>
    readFileSync(`examples/${name}/${file}`, 'utf8').split('\n'),
  );

  it('has under 60 lines of its own besides comments', () => {
    const code = lines.filter((line) => !/^\s*(\/\/.*|\/\*\*.*|\*.*)?$/.test(line));
    expect(code.length).toBeGreaterThan(0);
    expect(code.length).toBeLessThan(60);
  });

  it('imports the library as users do', () => {
    expect(lines.join('\n')).toMatch(/from 'tfjs-blocks/);
    expect(lines.filter((line) => /['"](\.\.\/)+(src|dist)\//.test(line))).toEqual([]);
  });

  it('stands in the index, and has a test of what it claims', () => {
    expect(readFileSync('examples/README.md', 'utf8')).toContain(`(${name}/main.js)`);
    expect(existsSync(`tests/examples/${name}.test.ts`)).toBe(true);
  });
});

describe('npm run example', () => {
  it('lists the examples when none is named', () => {
    const { status, stderr } = spawnSync(process.execPath, ['examples/run.js'], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    for (const name of examples) expect(stderr).toContain(`\n${name}\n`);
  });

  it('passes its options on', () => {
    const run = () =>
      execFileSync(process.execPath, ['examples/run.js', '00', '--help'], { encoding: 'utf8' });
    expect(run()).toContain('npm run demo -- [options]');
  });
});
