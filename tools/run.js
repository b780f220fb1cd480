// node tools/run.js <file.ts> [arguments]: runs a program as it would run when installed: bundled. A
// loader that compiles on the fly names every function that is made at run time, which costs a step of
// training several per cent.
import { spawn } from 'node:child_process';
import { build } from 'esbuild';
import { setup } from './assemble.js';

const [entry, ...args] = process.argv.slice(2);
const outfile = entry.replace(/\.ts$/, '.bundle.js');
await setup();
await build({
  ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node' },
  ...{ packages: 'external', external: ['*/assemble.js'], logLevel: 'warning' },
});
spawn(process.execPath, [outfile, ...args], { stdio: 'inherit' }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
