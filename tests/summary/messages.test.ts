import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
// @ts-expect-error: a tool in JavaScript
import { messages } from '../../tools/proto.js';

it('messages.ts is what tools/proto.js makes of events.proto', () => {
  const committed = readFileSync(new URL('../../src/summary/messages.ts', import.meta.url), 'utf8');
  expect(committed).toBe(messages());
});
