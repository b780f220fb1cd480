// Writes src/summary/messages.ts: one type and one writing function per message of events.proto.
// The bytes are pbf's affair; this adds the types that its compiler doesn't emit.
import { readFileSync, writeFileSync } from 'node:fs';
import { PbfReader } from 'pbf';
import { compile, compileRaw } from 'pbf/compile';
import schema from 'protocol-buffers-schema';

const SOURCE = new URL('../src/summary/events.proto', import.meta.url);
const TARGET = new URL('../src/summary/messages.ts', import.meta.url);
const SCALARS = { string: 'string', bytes: 'Uint8Array', bool: 'boolean' };

const parse = () => schema.parse(readFileSync(SOURCE, 'utf8'));

/** Reads one event's bytes, for the tests. */
export function readEvent(bytes) {
  return compile(parse()).readEvent(new PbfReader(bytes));
}

/** Reads a graph's bytes, for the tests. */
export function readGraph(bytes) {
  return compile(parse()).readGraphDef(new PbfReader(bytes));
}

/** The text of messages.ts. */
export function messages() {
  const proto = parse();
  const enums = new Set(proto.enums.map((e) => e.name));
  const types = new Set([...enums, ...proto.messages.map((m) => m.name)]);

  const typeOf = (field) => {
    if (field.type === 'map') return `Record<string, ${field.map.to}>`;
    const type = types.has(field.type) ? field.type : (SCALARS[field.type] ?? 'number');
    return field.repeated ? `${type}[]` : type;
  };
  const fieldLine = (field) => `  ${field.name}?: ${typeOf(field)};`;
  const messageType = ({ name, fields }) =>
    `export interface ${name} {\n${fields.map(fieldLine).join('\n')}\n}`;
  const enumType = (name) => `export type ${name} = (typeof ${name})[keyof typeof ${name}];`;
  const entryType = (field) => `{ key: string; value: ${field.map.to} }`;

  const code = compileRaw(proto, { noRead: true, dev: true })
    .replaceAll(/^(export const \w+ = \{[^}]*\});/gm, '$1 as const;')
    .replaceAll(/function write(\w+)\(obj, pbf\)/g, (_, name) => {
      const type = types.has(name) ? name : entryType(entryOwner(proto, name));
      return `function write${name}(obj: ${type}, pbf: PbfWriter): void`;
    });
  return [
    '// Written by tools/proto.js from events.proto: change that file, not this one.',
    "import type { PbfWriter } from 'pbf';",
    ...proto.messages.map(messageType),
    ...[...enums].map(enumType),
    `${code.trim()}\n`,
  ].join('\n\n');
}

/** The map field whose entries pbf calls `<Message><Field>Entry`. */
function entryOwner(proto, name) {
  return proto.messages
    .flatMap((message) => message.fields.map((field) => [message.name, field]))
    .find(([owner, field]) => field.type === 'map' && isEntry(name, owner, field.name))[1];
}

function isEntry(name, owner, field) {
  return name === `${owner}${field[0].toUpperCase()}${field.slice(1)}Entry`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(TARGET, messages());
