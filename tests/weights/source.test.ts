import '@tensorflow/tfjs-backend-cpu';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LoadWeightsOptions,
  loadWeights,
  type Progress,
  WeightsError,
  type WeightsSource,
} from '../../src/weights/index.js';
import { onBackends } from '../support/backends.js';
import { FIXTURES, fixture } from './fixtures.js';
import { torchNet, weightsOf } from './models.js';

const PATH = `${FIXTURES}/torch.safetensors`;

async function withNet<T>(use: (model: LayersModel) => Promise<T>): Promise<T> {
  const model = torchNet();
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}

/** The weights that a source gives, as values. */
function load(source: WeightsSource, options?: LoadWeightsOptions): Promise<number[][]> {
  return withNet(async (model) => {
    await loadWeights(model, source, { from: 'torchvision', ...options });
    return weightsOf(model);
  });
}

onBackends(['cpu'], () => {
  let [server, url]: [Server | undefined, string] = [undefined, ''];
  beforeAll(async () => {
    const bytes = await fixture('torch.safetensors');
    server = createServer((request, response) => {
      if (request.url === '/missing') response.writeHead(404);
      else if (request.url === '/chunked') response.write(bytes.subarray(0, 100));
      else response.setHeader('content-length', bytes.length);
      response.end(
        request.url === '/missing' ? '' : request.url === '/chunked' ? bytes.subarray(100) : bytes,
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server?.close());

  it('may be bytes, a buffer, a Blob, a path, a file URL, a URL or a Response', async () => {
    const bytes = await fixture('torch.safetensors');
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const expected = await load(bytes);
    const fileUrl = pathToFileURL(resolve(PATH));
    const sources: WeightsSource[] = [
      shifted.subarray(3),
      bytes.buffer as ArrayBuffer,
      new Blob([bytes.slice()]),
      PATH,
      fileUrl,
      fileUrl.href,
      url,
      new URL(url),
      `data:;base64,${Buffer.from(bytes).toString('base64')}`,
      await fetch(url),
    ];
    for (const source of sources) expect(await load(source)).toEqual(expected);
  });

  it('is left as it was', async () => {
    const bytes = await fixture('torch.safetensors');
    const copy = bytes.slice();
    await load(bytes);
    expect(bytes).toEqual(copy);
  });

  describe('progress', () => {
    async function progressOf(source: WeightsSource): Promise<Progress[]> {
      const seen: Progress[] = [];
      await load(source, { onProgress: (progress) => seen.push({ ...progress }) });
      return seen;
    }

    it('rises to the total, which a path, a Blob and a server tell', async () => {
      const bytes = await fixture('torch.safetensors');
      for (const source of [PATH, new Blob([bytes.slice()]), url]) {
        const seen = await progressOf(source);
        expect(seen.at(-1)).toEqual({ loaded: bytes.length, total: bytes.length });
        const steps = seen.map(({ loaded }) => loaded);
        expect(steps).toEqual([...steps].sort((a, b) => a - b));
      }
    });

    it('has no total where the server tells none', async () => {
      const seen = await progressOf(`${url}/chunked`);
      const { length } = await fixture('torch.safetensors');
      expect(seen.at(-1)).toEqual({ loaded: length, total: undefined });
    });

    it('has no total where the length is that of compressed bytes', async () => {
      const bytes = await fixture('torch.safetensors');
      const headers = { 'content-encoding': 'gzip', 'content-length': '100' };
      const seen = await progressOf(new Response(bytes.slice(), { headers }));
      expect(seen.at(-1)).toEqual({ loaded: bytes.length, total: undefined });
    });
  });

  describe('is refused', () => {
    const refused = (source: unknown, message: string) => async () => {
      const loading = load(source as WeightsSource);
      await expect(loading).rejects.toThrow(WeightsError);
      await expect(loading).rejects.toThrow(message);
    };

    it('when there is no such file', refused('none.npz', "'none.npz' can't be read: ENOENT"));
    it('when it is empty', refused(new Uint8Array(0), 'the file is empty'));
    it('when a Response is empty', refused(new Response(null), 'the file is empty'));
    it('when it is no source', refused(3, 'it must be bytes, a Blob, a Response, a URL or a path'));
    it('when the server has no such file', async () => {
      const missing = `${url}/missing`;
      await refused(missing, `'${missing}' can't be read: the server answered 404`)();
    });
  });
});
