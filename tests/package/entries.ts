import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, { default: string } | string>;
};

/** Every entry point: how an app imports it, and its source. */
export const ENTRIES = Object.entries(exports).flatMap(([path, target]) => {
  if (typeof target === 'string') return [];
  return {
    specifier: path.replace('.', 'tfjs-blocks'),
    source: target.default.replace('./dist', 'src').replace(/\.js$/, '.ts'),
  };
});
