import { basename, join } from 'node:path';
import ts from 'typescript';
import { ENTRIES } from '../package/entries.js';

/** What snippets take for granted; whatever they declare themselves comes before it. */
const GIVEN = `
  declare const model: tfl.LayersModel, network: tfl.LayersModel, encoder: tfl.LayersModel;
  declare const discriminator: tfl.LayersModel, writer: SummaryWriter, optimizer: tf.Optimizer;
  declare const x: tf.Tensor4D, y: tf.Tensor, xTest: tf.Tensor, generated: tf.Tensor;
  declare const kernel: tf.Tensor, decoded: tf.Tensor4D, filter: tf.Tensor4D, code: tf.Tensor;
  declare const validationData: [tf.Tensor, tf.Tensor], epochs: number, loss: LossFunction;
  declare const heldOut: any, batches: any, step: any, mean: any, button: HTMLButtonElement;`;

/** The errors of snippets that use anything which the library exports, each by its name and line. */
export async function compile(snippets: ReadonlyMap<string, string>): Promise<string[]> {
  const exported = await Promise.all(
    ENTRIES.map(async ({ specifier, source }) => {
      const names = Object.keys(await import(/* @vite-ignore */ `../../${source}`));
      return names.map((name) => ({ name, line: `import { ${name} } from '${specifier}';` }));
    }),
  );
  const given = [
    { name: '* as tf ', line: `import * as tf from '@tensorflow/tfjs-core';` },
    { name: '* as tfl ', line: `import * as tfl from '@tensorflow/tfjs-layers';` },
    { name: 'writeFile', line: `import { writeFile } from 'node:fs/promises';` },
    { name: 'LossFunction', line: `import type { LossFunction } from 'tfjs-blocks';` },
    ...exported.flat(),
  ];
  const sources = new Map(
    [...snippets].map(([name, code]) => [
      join(process.cwd(), `${name.replace(/\W+/g, '-')}.ts`),
      moduleOf(code, given),
    ]),
  );
  return errorsOf(sources);
}

/** A snippet as a module of its own. */
function moduleOf(code: string, given: { name: string; line: string }[]): string {
  const lines = code.split('\n');
  const own = lines.filter((line) => line.startsWith('import '));
  const missing = given.filter(({ name }) => !own.some((line) => line.includes(name)));
  const rest = lines.filter((line) => !own.includes(line)).join('\n');
  const body = /^export /m.test(rest) ? rest : `{\n${rest}\n}`;
  return [...missing.map(({ line }) => line), ...own, GIVEN, body].join('\n');
}

/** The errors of modules that lie in no file. */
function errorsOf(sources: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
    // Sizes may be null, which tfjs's types don't know.
    strict: false,
    skipLibCheck: true,
    noEmit: true,
    paths: Object.fromEntries(
      ENTRIES.map(({ specifier, source }) => [specifier, [join(process.cwd(), source)]]),
    ),
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.readFile = (name) => sources.get(name) ?? readFile(name);
  host.getSourceFile = (name, version) =>
    sources.has(name)
      ? ts.createSourceFile(name, sources.get(name)!, version)
      : getSourceFile.call(host, name, version);
  const program = ts.createProgram([...sources.keys()], options, host);
  return [...sources.keys()].flatMap((name) => {
    const source = program.getSourceFile(name)!;
    const errors = [
      program.getSyntacticDiagnostics(source),
      program.getSemanticDiagnostics(source),
    ];
    return errors.flat().map(({ start, messageText }) => {
      const line = source.text.split('\n')[source.getLineAndCharacterOfPosition(start!).line];
      return `${basename(name)}: ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}
