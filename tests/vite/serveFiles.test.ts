import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it, vi } from 'vitest';
import { serveFiles } from '../../src/vite/serveFiles.js';

const bytes = Uint8Array.of(0, 97, 115, 109);
const files = new Map([
  ['a.wasm', async () => bytes],
  ['gone.wasm', () => Promise.reject(new Error('gone'))],
]);

async function ask(url: string) {
  const response = { setHeader: vi.fn(), end: vi.fn() };
  const next = vi.fn();
  const handle = serveFiles('/app/wasm/', files);
  await handle({ url } as IncomingMessage, response as unknown as ServerResponse, next);
  return { response, next };
}

it('a file of the folder is answered as WebAssembly, whatever the query', async () => {
  const { response, next } = await ask('/app/wasm/a.wasm?v=1');
  expect(response.setHeader).toHaveBeenCalledWith('Content-Type', 'application/wasm');
  expect(response.end).toHaveBeenCalledWith(bytes);
  expect(next).not.toHaveBeenCalled();
});

it.each(['/app/wasm/b.wasm', '/wasm/a.wasm', '/app/wasm/../a.wasm', '/'])(
  '%s is left to the next',
  async (url) => {
    const { response, next } = await ask(url);
    expect(next).toHaveBeenCalledWith();
    expect(response.end).not.toHaveBeenCalled();
  },
);

it('a file that can no longer be read is an error of the server', async () => {
  expect((await ask('/app/wasm/gone.wasm')).next).toHaveBeenCalledWith(new Error('gone'));
});
