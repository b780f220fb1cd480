import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  Application,
  type JSONOutput,
  ReflectionKind,
  TSConfigReader,
  TypeDocReader,
} from 'typedoc';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENTRIES } from './package/entries.js';

type Declaration = JSONOutput.DeclarationReflection;
type Comment = JSONOutput.Comment | undefined;

const { Class, Constructor, Function: Call, Interface } = ReflectionKind;
const textOf = (parts: JSONOutput.CommentDisplayPart[] = []) => parts.map((p) => p.text).join('');
const tagsOf = (comment: Comment, tag: string) =>
  (comment?.blockTags ?? []).filter((block) => block.tag === tag).map((b) => textOf(b.content));
/** What is said of a symbol; of a function in its first signature. */
const commentOf = ({ comment, signatures, getSignature }: Declaration): Comment =>
  signatures?.[0]?.comment ?? getSignature?.comment ?? comment;

it('the API documentation covers every entry', () => {
  const { entryPoints } = JSON.parse(readFileSync('typedoc.json', 'utf8'));
  expect(entryPoints).toEqual(ENTRIES.map(({ source }) => source));
});

describe('the API documentation', () => {
  /** Each exported symbol, called by its entry and its name. */
  let symbols: [name: string, symbol: Declaration][];
  let warnings: number;

  beforeAll(async () => {
    const readers = [new TypeDocReader(), new TSConfigReader()];
    const app = await Application.bootstrap({ logLevel: 'Warn' }, readers);
    const project = (await app.convert())!;
    app.validate(project);
    warnings = app.logger.warningCount + app.logger.errorCount;
    const folder = process.cwd() as Parameters<typeof app.serializer.projectToObject>[1];
    symbols = app.serializer
      .projectToObject(project, folder)
      .children!.flatMap((entry) =>
        (entry.children ?? []).map((symbol): [string, Declaration] => [
          `${entry.name}: ${symbol.name}`,
          symbol,
        ]),
      );
  }, 600_000);

  it('has no warning', () => {
    expect(warnings).toBe(0);
    expect(symbols.length).toBeGreaterThan(100);
  });

  it('says of every member of a class and an interface what it is', () => {
    // What options look like inside a layer says nothing that those of its constructor don't.
    const said = symbols.filter(
      ([, { comment }]) => !/canonical form/.test(textOf(comment?.summary)),
    );
    const unsaid = said.flatMap(([name, { kind, children = [] }]) =>
      children
        .filter((member) => kind === Interface || (kind === Class && member.kind !== Constructor))
        .filter((member) => !member.inheritedFrom && !member.overwrites)
        .filter((member) => textOf(commentOf(member)?.summary) === '')
        .map((member) => `${name}.${member.name}`),
    );
    expect(unsaid).toEqual([]);
  });

  it('says the default of every option', () => {
    const without = symbols.flatMap(([name, { kind, children = [] }]) =>
      children
        .filter(() => kind === Interface && /(Args|Options|Clipping)$/.test(name))
        .filter(({ flags, inheritedFrom }) => flags.isOptional && !inheritedFrom)
        .filter((option) => !/\bdefault\b/i.test(textOf(commentOf(option)?.summary)))
        .map((option) => `${name}.${option.name}`),
    );
    expect(without).toEqual([]);
  });

  it('has an example of every function and class', () => {
    const without = symbols
      .filter(([, { kind }]) => kind === Class || kind === Call)
      .filter(([, symbol]) => tagsOf(commentOf(symbol), '@example').length === 0);
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('has examples that compile', { timeout: 300_000 }, () => {
    const sources = new Map(
      symbols.flatMap(([name, symbol]) =>
        tagsOf(commentOf(symbol), '@example').map((example, i) => [
          join(process.cwd(), `${name.replace(/\W+/g, '-')}-${i}.ts`),
          program(example),
        ]),
      ),
    );
    expect(compile(sources)).toEqual([]);
  });

  /** An example as a module of its own, in which all that the library exports can be used. */
  function program(example: string): string {
    const code = /```(?:ts|js)\n(.*?)```/s.exec(example)![1]!;
    const lines = code.split('\n');
    const imports = lines.filter((line) => line.startsWith('import '));
    const exported = symbols
      .filter(([, { kind }]) => kind === Class || kind === Call)
      .map(([name]) => name.split(': ') as [string, string])
      .filter(([, name]) => !imports.some((line) => line.includes(name)))
      .map(([entry, name]) => {
        const { specifier } = ENTRIES.find(({ source }) => source === sourceOf(entry))!;
        return `import { ${name} } from '${specifier}';`;
      });
    const rest = lines.filter((line) => !imports.includes(line)).join('\n');
    const own = rest.startsWith('export') || rest.includes('\nexport') ? rest : `{\n${rest}\n}`;
    return [...PRELUDE(imports), ...imports, ...exported, own].join('\n');
  }
});

const sourceOf = (entry: string) => (entry === 'index' ? 'src/index.ts' : `src/${entry}/index.ts`);

/** What the examples take for granted. */
const PRELUDE = (imports: string[]) => [
  ...(imports.some((line) => line.includes(' as tf '))
    ? []
    : [`import * as tf from '@tensorflow/tfjs-core';`]),
  `import * as tfl from '@tensorflow/tfjs-layers';`,
  `import type { LossFunction } from 'tfjs-blocks';`,
  `import { writeFile } from 'node:fs/promises';`,
  'declare const model: tfl.LayersModel, network: tfl.LayersModel, encoder: tfl.LayersModel;',
  'declare const discriminator: tfl.LayersModel, writer: SummaryWriter;',
  'declare const x: tf.Tensor4D, xTest: tf.Tensor, y: tf.Tensor, kernel: tf.Tensor, decoded: tf.Tensor4D;',
  'declare const heldOut: any, generated: tf.Tensor, batches: any, step: any, mean: any;',
  'declare const loss: LossFunction;',
  'declare const button: HTMLButtonElement;',
  'declare const validationData: [tf.Tensor, tf.Tensor], epochs: number;',
];

/** The errors of programs that lie in no file. */
function compile(sources: ReadonlyMap<string, string>): string[] {
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
    allowImportingTsExtensions: true,
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
