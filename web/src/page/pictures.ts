import { DIGITS, type Pictures } from '../protocol.js';
import { imageOf, mostLikely } from './answer.js';
import { byId, make } from './elements.js';
import { picture } from './image.js';

const CAPTIONS = {
  autoencoder: 'Above the digit, below what comes back from 32 numbers.',
  resnet: 'Below each digit what the network takes it for.',
};

/** Shows each held-out digit above what the network makes of it. */
export function showPictures({ originals, digits, answer }: Pictures): void {
  byId('pictures-caption').textContent = CAPTIONS[answer.model];
  const pairs = digits.map((digit, i) => {
    const original = picture(imageOf(originals, i), `A ${digit}`);
    if (answer.model === 'autoencoder') {
      const label = `The ${digit}, from 32 numbers`;
      return make('figure', {}, original, picture(imageOf(answer.images, i), label));
    }
    const guess = mostLikely(answer.probabilities, i);
    const right = guess === digit;
    const verdict = make('span', { className: right ? 'guess right' : 'guess wrong' });
    verdict.textContent = `${guess} ${right ? '✓' : '✗'}`;
    verdict.ariaLabel = `taken for a ${guess}, ${right ? 'right' : 'wrong'}`;
    return make('figure', {}, original, verdict);
  });
  byId('pictures').replaceChildren(...pairs);
}

/** Empty frames, as many as there will be pictures. */
export function clearPictures(): void {
  byId('pictures-caption').textContent = 'What the network makes of them appears below each.';
  const frame = () => make('span', { className: 'picture none' });
  const pairs = Array.from({ length: DIGITS }, () => make('figure', {}, frame(), frame()));
  byId('pictures').replaceChildren(...pairs);
}
