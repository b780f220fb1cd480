import { PIXELS, SIDE } from '../protocol.js';
import { make } from './elements.js';

/** A new picture of 28×28 points. */
export function picture(pixels: ArrayLike<number>, label: string): HTMLCanvasElement {
  const canvas = make('canvas', { width: SIDE, height: SIDE, className: 'picture' });
  canvas.role = 'img';
  canvas.ariaLabel = label;
  paint(canvas, pixels);
  return canvas;
}

/** Paints strengths in [0, 1] as white ink on transparent ground: the style sheet has the ground. */
export function paint(canvas: HTMLCanvasElement, pixels: ArrayLike<number>): void {
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++) image.data.set([255, 255, 255, 255 * pixels[i]!], 4 * i);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}
