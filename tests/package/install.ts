import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { run } from './run.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of an app that has installed the packed package and its required peers. */
    app: string;
    /** The packed package. */
    tarball: string;
  }
}

/** Packs the built package, and installs it into an empty folder, once for all these tests. */
export default async function install({ provide }: TestProject): Promise<() => Promise<void>> {
  await checkBuild();
  const app = await mkdtemp(join(tmpdir(), 'tfjs-blocks-'));
  const [packed] = JSON.parse(
    await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', app]),
  );
  const tarball = join(app, packed.filename);
  await writeFile(join(app, 'package.json'), '{ "private": true, "type": "module" }');
  const peers = await requiredPeers();
  await run('npm', ['install', '--prefer-offline', '--no-audit', tarball, ...peers], app);
  // The optional peer whose types the plugin for it has.
  await symlink(resolve('node_modules/vite'), join(app, 'node_modules/vite'), 'junction');
  provide('app', app);
  provide('tarball', tarball);
  return () => rm(app, { recursive: true });
}

async function requiredPeers(): Promise<string[]> {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile('package.json', 'utf8'),
  );
  return Object.entries(peerDependencies)
    .filter(([name]) => !peerDependenciesMeta[name]?.optional)
    .map(([name, range]) => `${name}@${range}`);
}

/** `npm test` builds beforehand; a run by hand must not test an old build. */
async function checkBuild(): Promise<void> {
  const built = await stat('dist/index.d.ts').catch(() => null);
  const sources = await readdir('src', { recursive: true });
  const files = sources.filter((file) => file.endsWith('.ts'));
  const changed = await Promise.all(files.map((file) => stat(join('src', file))));
  if (!built || changed.some(({ mtimeMs }) => mtimeMs > built.mtimeMs)) {
    throw new Error('dist is older than src: run `npm run build` first');
  }
}
