import { readdirSync, readFileSync } from 'node:fs';
import { posix, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** The folders that the files of each folder of src may import, besides their own. */
const FOLDERS: Record<string, string[]> = {
  core: [],
  norm: ['core'],
  upsample: ['core'],
  layers: ['core', 'norm', 'upsample'],
  blocks: ['core', 'norm', 'upsample', 'layers'],
  train: ['core', 'norm', 'upsample', 'layers', 'blocks'],
  '.': ['core', 'norm', 'upsample', 'layers', 'blocks', 'train'],
  kernels: ['core'],
  backend: ['core', 'kernels'],
  vite: ['backend'],
  inference: ['core'],
  summary: ['core'],
  weights: ['core'],
};

/** The packages that src may import, and where. A path inside one is a specifier of its own. */
const PACKAGES: [specifier: RegExp, from: RegExp][] = [
  [/^@tensorflow\/tfjs-(core|layers)$/, /./],
  [/^@tensorflow\/tfjs-backend-wasm$/, /^backend\//],
  [
    /^@tensorflow\/tfjs-backend-wasm\/wasm-out\/tfjs-backend-wasm\.js$/,
    /^backend\/backendFromBytes/,
  ],
  [/^(vite|node:(fs|fs\/promises|path))$/, /^vite\//],
  [
    /^@tensorflow\/tfjs-backend-wasm\/wasm-out\/tfjs-backend-wasm-threaded-simd\.js$/,
    /^backend\/threadedBackend/,
  ],
  [/^pure-rand\/(distribution|generator)\/\w+$/, /^core\//],
  [/^(pbf|fast-png|fflate|crc-32\/crc32c\.js)$/, /^summary\//],
  [/^(fflate|jsfive)$/, /^weights\//],
];

/** What tfjs-backend-wasm keeps to itself, and the only files that may know it. */
const INTERNALS: [RegExp, string[]][] = [
  [/dataIdMap|memoryOffset|wasmMemory/, ['kernels/runtime/heap.ts']],
  [/makeOutput/, ['kernels/runtime/heap.ts', 'kernels/runtime/intercept.ts']],
  [/_malloc|_free/, ['kernels/runtime/guard.ts', 'kernels/runtime/heap.ts']],
];

interface Import {
  from: string;
  to: string;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll(sep, '/'));

const sources = new Map(
  files.map((file) => {
    const text = readFileSync(`src/${file}`, 'utf8');
    return [file, ts.createSourceFile(file, text, ts.ScriptTarget.Latest)];
  }),
);

/** Every `import … from`, `export … from` and `import()` of a file. */
function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined) => {
    if (specifier && ts.isStringLiteral(specifier)) {
      found.push({ from: file, to: targetOf(file, specifier.text) });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    } else ts.forEachChild(node, visit);
  };
  ts.forEachChild(sources.get(file)!, visit);
  return found;
}

function targetOf(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
}

/** The folder directly in src; '.' for src itself. */
const folderOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : '.');

const imports = files.flatMap(importsOf);
const inside = imports.filter(({ to }) => sources.has(to));

describe('imports', () => {
  it('go from folder to folder in one direction', () => {
    const wrong = inside.filter(({ from, to }) => {
      const [folder, target] = [folderOf(from), folderOf(to)];
      return folder !== target && !FOLDERS[folder]?.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it('stay in src, or name a package that may be named there', () => {
    const allowed = ({ from, to }: Import) =>
      PACKAGES.some(([specifier, where]) => specifier.test(to) && where.test(from));
    expect(imports.filter((one) => !sources.has(one.to) && !allowed(one))).toEqual([]);
  });

  it('have no cycle, not even of types', () => {
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      expect(path, `a cycle through ${file}`).not.toContain(file);
      if (done.has(file)) return;
      for (const { from, to } of inside) {
        if (from === file) visit(to, [...path, file]);
      }
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });
});

describe("the WASM backend's internals", () => {
  it.each(INTERNALS)('%s: only %j know them', (internal, knowing) => {
    expect(files.filter((file) => internal.test(sources.get(file)!.text))).toEqual(knowing);
  });
});

it('every index.ts is a table of contents', () => {
  const statements = files
    .filter((file) => posix.basename(file) === 'index.ts')
    .flatMap((file) => [...sources.get(file)!.statements]);
  expect(statements.length).toBeGreaterThan(5);
  expect(statements.filter((statement) => !ts.isExportDeclaration(statement))).toEqual([]);
});
