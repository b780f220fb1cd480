import type { Plugin } from 'vite';
import { loadDigits } from '../examples/00-digits/data.js';

const FILE = 'digits.bin';
const COUNT = 4000;

/**
 * Serves and emits `digits.bin`: MNIST images of 28×28 bytes, one after the other, then the digit that
 * each shows. The last tenth of them is to be held out.
 */
export function digits(): Plugin {
  let base = '/';
  return {
    name: 'digits',
    configResolved(config) {
      base = config.base;
    },
    configureServer({ middlewares }) {
      middlewares.use(`${base}${FILE}`, (_request, response, next) => {
        pack().then((bytes) => response.end(bytes), next);
      });
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: FILE, source: await pack() });
    },
  };
}

async function pack(): Promise<Uint8Array> {
  const { train, heldOut } = await loadDigits(COUNT);
  const bytes = [train.pixels, heldOut.pixels].flatMap((pixels) =>
    Uint8Array.from(pixels, (value) => Math.round(255 * value)),
  );
  return Buffer.concat([...bytes, train.digits, heldOut.digits]);
}
