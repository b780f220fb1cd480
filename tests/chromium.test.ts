import { expect, it } from 'vitest';
import { chromium, withoutChromium } from './support/chromium.js';

it.skipIf(withoutChromium)(`Chromium is there for the browser suites${withoutChromium}`, () => {
  expect(chromium, 'apt-get install chromium, or set CHROMIUM to its path').toBeDefined();
});
