import { type Answer, CODE, DIGITS, PIXELS } from '../protocol.js';
import { make } from './elements.js';
import { picture } from './image.js';

/** What the network makes of the drawing. */
export function answerTo(answer: Answer): HTMLElement[] {
  return answer.model === 'resnet'
    ? [bars(answer.probabilities)]
    : [
        labelled('Encoded: 32 numbers', code(answer.codes)),
        labelled('Decoded', picture(answer.images, 'The digit, decoded')),
      ];
}

function labelled(text: string, shown: HTMLElement): HTMLElement {
  return make('figure', {}, shown, make('figcaption', {}, text));
}

/** The numbers of a code as colours: one for positive, one for negative, pale for small. */
function code(values: Float32Array): HTMLElement {
  const largest = Math.max(...values.map(Math.abs), 1e-6);
  const cells = Array.from(values.subarray(0, CODE), (value) => {
    const cell = make('i', {
      className: value < 0 ? 'negative' : 'positive',
      title: value.toFixed(2),
    });
    cell.style.opacity = (Math.abs(value) / largest).toFixed(3);
    return make('span', {}, cell);
  });
  const grid = make('div', { className: 'code' }, ...cells);
  grid.role = 'img';
  grid.ariaLabel = `Code: ${Array.from(values.subarray(0, 4), (value) => value.toFixed(1)).join(', ')} …`;
  return grid;
}

/** The probability of each digit. */
function bars(probabilities: Float32Array): HTMLElement {
  const best = mostLikely(probabilities);
  const rows = Array.from(probabilities.subarray(0, DIGITS), (probability, digit) => {
    const percent = `${Math.round(100 * probability)} %`;
    const bar = make('span', { className: 'bar' }, make('i'));
    bar.style.setProperty('--share', String(probability));
    const className = digit === best ? 'best' : '';
    return make(
      'li',
      { className },
      make('b', {}, String(digit)),
      bar,
      make('span', { className: 'value' }, percent),
    );
  });
  return make('ol', { className: 'bars' }, ...rows);
}

/** The digit that image number `image` most likely shows. */
export function mostLikely(probabilities: Float32Array, image = 0): number {
  const own = probabilities.subarray(image * DIGITS, (image + 1) * DIGITS);
  return own.indexOf(Math.max(...own));
}

/** The reconstruction of image number `image`. */
export function imageOf(images: Float32Array, image: number): Float32Array {
  return images.subarray(image * PIXELS, (image + 1) * PIXELS);
}
