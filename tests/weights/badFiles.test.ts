import '@tensorflow/tfjs-backend-cpu';
import { memory } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  type LoadWeightsOptions,
  loadWeights,
  type SystemName,
  WeightsError,
} from '../../src/weights/index.js';
import { onBackends } from '../support/backends.js';
import { fixture, safetensorsFile } from './fixtures.js';
import { holder, kerasNet, slimNet, torchNet, weightsOf } from './models.js';

const FILES: [file: string, from: SystemName, network: () => LayersModel][] = [
  ['torch.safetensors', 'torchvision', torchNet],
  ['slim.npz', 'slim', slimNet],
  ['keras3.weights.h5', 'keras', kerasNet],
  ['keras3.h5', 'keras', kerasNet],
  ['keras3.keras', 'keras', kerasNet],
];

const f32 = (shape: unknown, data_offsets: unknown) => ({ dtype: 'F32', shape, data_offsets });
const text = (characters: string) => Uint8Array.from(characters, (c) => c.charCodeAt(0));

/** An npz archive of one array with this header. */
function npz(header: string, data: number[] = [], length = header.length): Uint8Array {
  const start = text('\x93NUMPY\x01\x00');
  const array = [...start, length & 255, length >> 8, ...text(header), ...data];
  return zipSync({ 'a.npy': Uint8Array.from(array) });
}

onBackends(['cpu'], () => {
  /** Expects an error of ours, with the weights as they were and no tensor more. */
  async function expectRefused(
    model: LayersModel,
    file: Uint8Array,
    message: string | RegExp = '',
    from?: LoadWeightsOptions['from'],
  ): Promise<void> {
    const before = weightsOf(model);
    const tensors = memory().numTensors;
    const error = await loadWeights(model, file, { from }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(error.message).toMatch(message);
    expect(memory().numTensors).toBe(tensors);
    expect(weightsOf(model)).toEqual(before);
  }

  async function expectHolderRefused(file: Uint8Array, message: string | RegExp): Promise<void> {
    const model = holder({ a: [2] });
    await expectRefused(model, file, message);
    model.dispose();
  }

  it.each(FILES)('%s is refused wherever it is cut', async (file, from, network) => {
    const bytes = await fixture(file);
    const model = network();
    const step = Math.ceil(bytes.length / 60);
    for (let end = bytes.length - 1; end > 0; end -= step) {
      await expectRefused(model, bytes.subarray(0, end), '', from);
    }
    model.dispose();
  });

  it.each(FILES)('%s with one wrong byte loads or is refused', async (file, from, network) => {
    const bytes = await fixture(file);
    const model = network();
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const broken = bytes.slice();
      broken[at]! ^= 0xff;
      const error = await loadWeights(model, broken, { from }).catch((thrown) => thrown);
      if (error instanceof Error) expect(error).toBeInstanceOf(WeightsError);
    }
    model.dispose();
  });

  it.each([
    ['a page', text('<!doctype html><html></html>'), 'it begins with "<!doctype html><"'],
    ['a few bytes', text('abc'), 'it begins with "abc"'],
    ["torch's own file", zipSync({ 'x/data.pkl': text('x') }), "it is torch's: write it with safe"],
    [
      'any zip archive',
      zipSync({ 'a.txt': text('x') }),
      'not an npz or .keras file: it holds a.txt',
    ],
    ['a broken HDF5 file', text('\x89HDF\r\n\x1a\n'.padEnd(200, '\0')), 'is a broken HDF5 file: '],
    [
      'a cut HDF5 file',
      text('\x89HDF\r\n\x1a\n'.padEnd(20, '\0')),
      'is cut short: 20 bytes of at ',
    ],
  ])('%s is refused', async (_, file, message) => {
    await expectHolderRefused(file, message);
  });

  describe('a safetensors file is refused when', () => {
    const DATA = Array(8).fill(0);
    const A = f32([2], [0, 8]);
    const good = { 'holder/a': A };

    it.each<[string, Uint8Array, string]>([
      [
        'its header lies about its size',
        safetensorsFile(good, DATA, 2n ** 63n),
        'its header should take 9223372036854775808 bytes, and only',
      ],
      ['its header is too short', safetensorsFile(good, DATA, 10n), 'its header is not JSON ('],
      ['its header is broken', safetensorsFile('{]', DATA), 'is not JSON ('],
      ['a tensor has no entry', safetensorsFile({ a: null }), "'a' must have a dtype of F64, F32"],
      [
        'it does not know a type',
        safetensorsFile({ a: { ...A, dtype: 'F4' } }, DATA),
        'F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, got "F4"',
      ],
      [
        'a shape is negative',
        safetensorsFile({ a: f32([-2], [0, 8]) }, DATA),
        "'a' has no shape, got [-2]",
      ],
      [
        'a place is missing',
        safetensorsFile({ a: f32([2], [0]) }),
        'no pair of data_offsets, got [0]',
      ],
      [
        'a shape needs more bytes than there are',
        safetensorsFile({ a: f32([3], [0, 8]) }, DATA),
        "'a', F32 [3], needs 12 bytes, and has 8",
      ],
      [
        'two tensors overlap',
        safetensorsFile({ a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, Array(12).fill(0)),
        "'b' overlaps the tensor before it: it begins at 4, not at 8",
      ],
      [
        'there is a gap',
        safetensorsFile({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, Array(12).fill(0)),
        "'b' leaves a gap before it: it begins at 8, not at 4",
      ],
      [
        'a tensor lies beyond the end',
        safetensorsFile({ a: f32([4], [0, 16]) }, DATA),
        "'a' ends at byte 16 of 8: the file is cut short",
      ],
      ['bytes are left over', safetensorsFile({}, [1, 2]), '2 bytes follow the last tensor'],
    ])('%s', async (_, file, message) => {
      await expectHolderRefused(file, message);
    });
  });

  describe('an npz file is refused when', () => {
    const header = (descr: string, shape = '(2,)', order = 'False') =>
      `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
    const DATA = Array(8).fill(0);

    it.each<[string, Uint8Array, string]>([
      ['an array is none', zipSync({ 'a.npy': text('no array, but text') }), 'not begin as one'],
      [
        'a header is longer than the array',
        npz("{'descr'", [], 900),
        'its header ends at byte 910',
      ],
      [
        'a header is no dict',
        npz('nothing', DATA),
        "'a' is not a good .npy array: its header is nothing",
      ],
      ['a type is unknown', npz(header("'>f4'"), DATA), 'its dtype must be one of <f8,<f4,<f2'],
      ['it holds records', npz(header("[('x', '<f4')]"), DATA), 'its header is {'],
      ['a shape is too large', npz(header("'<f4'", '(3,)'), DATA), '[3] needs 12 bytes, and has 8'],
    ])('%s', async (_, file, message) => {
      await expectHolderRefused(file, message);
    });
  });

  it('a .keras file with a broken config.json is refused', async () => {
    const files = {
      'config.json': text('{'),
      'model.weights.h5': await fixture('keras3.weights.h5'),
    };
    await expectHolderRefused(zipSync(files), 'its config.json is broken: ');
  });

  it('an HDF5 file without an array that it lists is refused', async () => {
    const bytes = await fixture('keras3.h5');
    const listed = text('top/kernel');
    const at = bytes.findIndex((_, i) => listed.every((char, j) => bytes[i + j] === char));
    bytes.set(text('top/gamma_'), at);
    const message = "lists 'top/gamma_' in 'top' and has no such array";
    await expectHolderRefused(bytes, message);
  });

  it('a tensor of a type that is no number is refused by name', async () => {
    const model = holder({ a: [1] });
    const file = await fixture('records.weights.h5');
    const message = "unreadable: 'dense/0' (Compound type not yet implemented!)";
    await expectRefused(model, file, message, () => 'holder/a');
    model.dispose();
  });
});
