import { isHdf5, readHdf5 } from './hdf5.js';
import { kerasTensors } from './keras.js';
import { layerNames } from './kerasConfig.js';
import { readNpy } from './npy.js';
import type { StoredTensor } from './StoredTensor.js';
import { isSafetensors, readSafetensors } from './safetensors.js';
import type { SourceFile } from './source.js';
import { WeightsError } from './WeightsError.js';
import { isZip, unzip } from './zip.js';

const KERAS_WEIGHTS = 'model.weights.h5';
const KERAS_CONFIG = 'config.json';

/**
 * The tensors of a file, whose format its first bytes tell: safetensors, npz, Keras H5, `.weights.h5`
 * or `.keras`.
 *
 * @throws {@link WeightsError} when it is of no such format, cut or broken.
 */
export async function readTensors({ name, bytes }: SourceFile): Promise<StoredTensor[]> {
  if (isHdf5(bytes)) return kerasTensors(await readHdf5(bytes, name), name);
  if (isZip(bytes)) return readArchive(bytes, name);
  if (isSafetensors(bytes)) return readSafetensors(bytes, name);
  const start = JSON.stringify(new TextDecoder('latin1').decode(bytes.subarray(0, 16)));
  throw new WeightsError(
    `${name} is not a safetensors, npz, .keras or HDF5 file: it begins with ${start}`,
  );
}

async function readArchive(bytes: Uint8Array, file: string): Promise<StoredTensor[]> {
  const found: string[] = [];
  const files = unzip(bytes, file, (name) => {
    found.push(name);
    return name.endsWith('.npy') || name === KERAS_WEIGHTS || name === KERAS_CONFIG;
  });
  const weights = files[KERAS_WEIGHTS];
  if (weights) {
    const names = layerNames(files[KERAS_CONFIG], file);
    const inner = `${file}: ${KERAS_WEIGHTS}`;
    return kerasTensors(await readHdf5(weights, inner), inner, names);
  }
  const arrays = Object.entries(files).filter(([name]) => name.endsWith('.npy'));
  if (arrays.length === 0 && found.length > 0) {
    const pickle = found.some((name) => name.endsWith('.pkl'));
    const why = pickle ? "it is torch's: write it with safetensors" : `it holds ${found[0]}`;
    throw new WeightsError(`${file} is a zip archive, but not an npz or .keras file: ${why}`);
  }
  return arrays.map(([name, array]) => readNpy(array, name.slice(0, -'.npy'.length), file));
}
