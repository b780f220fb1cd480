import { readFileSync } from 'node:fs';
import {
  Application,
  type JSONOutput,
  ReflectionKind,
  TSConfigReader,
  TypeDocReader,
} from 'typedoc';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENTRIES } from './package/entries.js';
import { compile } from './support/compile.js';

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

  it('has examples that compile', { timeout: 300_000 }, async () => {
    const examples = symbols.flatMap(([name, symbol]) =>
      tagsOf(commentOf(symbol), '@example').map((example, i): [string, string] => [
        `${name} ${i}`,
        /```(?:ts|js)\n(.*?)```/s.exec(example)![1]!,
      ]),
    );
    expect(await compile(new Map(examples))).toEqual([]);
  });
});
