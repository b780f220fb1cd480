import { expect, it } from 'vitest';
import { deadline } from '../../src/backend/deadline.js';

it('a deadline further off than a timer can count does not end at once', async () => {
  const work = new Promise((resolve) => setTimeout(resolve, 50, 'done'));
  expect(await deadline(2 ** 40)(work)).toBe('done');
});
