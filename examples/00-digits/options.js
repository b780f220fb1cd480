// @ts-check
import { parseArgs } from 'node:util';

export const HELP = `Trains a convolutional autoencoder on handwritten digits.

  npm run demo -- [options]

  --epochs N       passes over the training images   (default 8)
  --batch N        images in a training step         (default 64)
  --images N       how many to use, a tenth held out (default 10000)
  --backend NAME   wasm or cpu                       (default wasm)
  --out FOLDER     where the results go              (default out/digits,
                   with --no-updates out/digits-no-updates)
  --no-updates     never run the update ops, to see what goes wrong then
  --help           this text
`;

/** A mistake on the command line: shown without a stack trace. */
export class UsageError extends Error {}

/** @param {string[]} args */
export function readOptions(args) {
  const { epochs, batch, images, backend, updates, help, ...rest } = parse(args);
  const { out = updates ? 'out/digits' : 'out/digits-no-updates' } = rest;
  const options = {
    epochs: wholeNumber('--epochs', epochs, 1, 1000),
    images: wholeNumber('--images', images, 20, 10_000),
    batch: wholeNumber('--batch', batch, 2, 1000),
    backend,
    out,
    updates,
    help,
  };
  if (backend !== 'wasm' && backend !== 'cpu') {
    throw new UsageError(`--backend must be wasm or cpu, got ${backend}`);
  }
  if (out === '') throw new UsageError('--out must name a folder');
  return { ...options, backend: /** @type {'wasm' | 'cpu'} */ (backend) };
}

/** @param {string[]} args */
function parse(args) {
  try {
    const { values } = parseArgs({
      args,
      allowNegative: true,
      options: {
        epochs: { type: 'string', default: '8' },
        batch: { type: 'string', default: '64' },
        images: { type: 'string', default: '10000' },
        backend: { type: 'string', default: 'wasm' },
        out: { type: 'string' },
        updates: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 * @param {number} most
 */
function wholeNumber(name, text, least, most) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`${name} must be a whole number in [${least}, ${most}], got ${text}`);
  }
  return value;
}
