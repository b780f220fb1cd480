import type { Connect } from 'vite';
import type { Files } from './binaries.js';

/** Answers requests for the .wasm files of a folder, and leaves all others to the next. */
export function serveFiles(folder: string, files: Files): Connect.NextHandleFunction {
  return async ({ url = '' }, response, next) => {
    const { pathname } = new URL(url, 'http://localhost');
    const read = pathname.startsWith(folder) && files.get(pathname.slice(folder.length));
    if (!read) return next();
    try {
      const bytes = await read();
      response.setHeader('Content-Type', 'application/wasm');
      response.end(bytes);
    } catch (error) {
      next(error);
    }
  };
}
