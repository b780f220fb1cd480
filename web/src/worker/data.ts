import { PIXELS } from '../protocol.js';

/** Images with values in [0, 1], one after the other, and the digit that each shows. */
export interface Images {
  pixels: Float32Array;
  digits: Uint8Array;
}

export interface DataSet {
  train: Images;
  heldOut: Images;
}

/** Fetches the digits that the plugin `digits` serves. */
export async function loadDigits(url: string): Promise<DataSet> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The digits could not be loaded (${response.status}).`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const count = bytes.length / (PIXELS + 1);
  const trained = Math.round(0.9 * count);
  const part = (from: number, to: number): Images => ({
    pixels: Float32Array.from(bytes.subarray(from * PIXELS, to * PIXELS), (value) => value / 255),
    digits: bytes.slice(count * PIXELS + from, count * PIXELS + to),
  });
  return { train: part(0, trained), heldOut: part(trained, count) };
}

/** The images at these places. */
export function pick({ pixels, digits }: Images, places: ArrayLike<number>): Images {
  const picked = new Float32Array(places.length * PIXELS);
  for (let i = 0; i < places.length; i++) {
    const at = places[i]! * PIXELS;
    picked.set(pixels.subarray(at, at + PIXELS), i * PIXELS);
  }
  return { pixels: picked, digits: Uint8Array.from(places, (place) => digits[place]!) };
}

/** The first `count` images; before them, one of each digit. */
export function oneOfEach(images: Images, count: number): Images {
  const first = Array.from({ length: 10 }, (_, digit) => images.digits.indexOf(digit));
  const others = [...images.digits.keys()].filter((place) => !first.includes(place));
  return pick(images, [...first, ...others].slice(0, count));
}
