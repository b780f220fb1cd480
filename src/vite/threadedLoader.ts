import type { Plugin } from 'vite';

const FILE = /tfjs-backend-wasm-threaded-simd\.js$/;
const QUESTION = /typeof _scriptDir\s*!==\s*"undefined"\s*&&\s*_scriptDir/;

/**
 * Lets the loader of tfjs's threads survive minification. tfjs gives its source text to the threads,
 * where the variable around it isn't; a minifier drops the `typeof` that asks, and the threads then
 * never answer. In a module, which has no `document.currentScript`, that variable is always undefined.
 */
export function threadedLoader(): Plugin {
  return {
    name: 'tfjs-blocks:threaded-loader',
    apply: 'build',
    transform(code, id) {
      if (FILE.test(id)) return { code: code.replace(QUESTION, 'false'), map: null };
    },
  };
}
