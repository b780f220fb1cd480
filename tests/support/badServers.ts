import type { Plugin } from 'vitest/config';

/** Folders of vitest's server that fail as servers of .wasm files do. */
export const badServers: Plugin = {
  name: 'bad-servers',
  configureServer({ middlewares }) {
    middlewares.use('/never-answers', () => {});
    middlewares.use('/stalls', (_request, response) => {
      response.setHeader('Content-Type', 'application/wasm');
      response.write('\0asm');
    });
    middlewares.use('/answers-500', (_request, response) => {
      response.statusCode = 500;
      response.end();
    });
    middlewares.use('/answers-page', (_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html>');
    });
  },
};
