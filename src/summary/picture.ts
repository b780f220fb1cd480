import type { Tensor } from '@tensorflow/tfjs-core';
import { encode } from 'fast-png';
import { OptionError, show } from '../core/args.js';

type Pixels = ArrayLike<number>;

/**
 * The images of a tensor as PNG files: `[h, w, c]` or `[b, h, w, c]`, with 1 (grey), 2 (grey and
 * alpha), 3 (RGB) or 4 (RGBA) channels. A float32 tensor holds [0, 1], an int32 tensor [0, 255];
 * what lies outside is clipped. A pixel with a NaN is painted red, in a picture of RGB.
 */
export async function pictures(owner: string, tensor: Tensor): Promise<Uint8Array[]> {
  const [height, width, channels] = tensor.shape.slice(-3) as [number, number, number];
  check(owner, tensor);
  const values = await tensor.data();
  const scale = tensor.dtype === 'float32' ? 255 : 1;
  const size = height * width * channels;
  const count = tensor.rank === 4 ? tensor.shape[0]! : 1;
  return Array.from({ length: count }, (_, i) => {
    const pixels = values.subarray(i * size, (i + 1) * size);
    const invalid = pixels.some(Number.isNaN);
    const data = invalid ? markInvalid(pixels, channels, scale) : toBytes(pixels, scale);
    return encode({ width, height, channels: invalid ? 3 : channels, data });
  });
}

function check(owner: string, { shape, rank, dtype }: Tensor): void {
  if (rank !== 3 && rank !== 4) {
    throw new OptionError(
      `${owner}: an image must be of shape [h, w, c] or [b, h, w, c], got ${show(shape)}`,
    );
  }
  if (shape.slice(-3).some((size) => size === 0) || shape.at(-1)! > 4) {
    throw new OptionError(
      `${owner}: an image must have pixels of 1 to 4 channels, got shape ${show(shape)}`,
    );
  }
  if (dtype !== 'float32' && dtype !== 'int32') {
    throw new OptionError(`${owner}: an image must be float32 or int32, got ${dtype}`);
  }
}

/** Clipped to [0, 255] and rounded, as such an array does by itself. */
function toBytes(pixels: Pixels, scale: number): Uint8ClampedArray {
  return Uint8ClampedArray.from(pixels, (value) => value * scale);
}

const RED = [255, 0, 0];

function markInvalid(pixels: Pixels, channels: number, scale: number): Uint8ClampedArray {
  const rgb = new Uint8ClampedArray((pixels.length / channels) * 3);
  for (let i = 0; i < pixels.length / channels; i++) {
    const pixel = Array.from({ length: channels }, (_, c) => pixels[i * channels + c]!);
    const colour = channels < 3 ? [pixel[0]!, pixel[0]!, pixel[0]!] : pixel.slice(0, 3);
    rgb.set(pixel.some(Number.isNaN) ? RED : colour.map((value) => value * scale), i * 3);
  }
  return rgb;
}
