import { existsSync } from 'node:fs';

/** The Chromium that runs the browser suites, if there is one. */
export const chromium = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find(existsSync);

/** Why tests that need Chromium are skipped, for their title; CI never skips them. */
export const withoutChromium =
  chromium || process.env.CI ? '' : ' (skipped: no Chromium in CHROMIUM or the usual places)';
