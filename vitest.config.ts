import { existsSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const chromium = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find(existsSync);

// The layer suites (*.backends.test.ts) run in Node on CPU and WASM, and again in Chromium.
const inNode = { test: { name: 'node', include: ['tests/**/*.test.ts'], testTimeout: 60_000 } };
const inChromium = {
  test: {
    name: 'chromium',
    include: ['tests/**/*.backends.test.ts'],
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: chromium,
          args: ['--no-sandbox', '--enable-unsafe-webgpu'],
        },
      }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
};

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
    projects: chromium || process.env.CI ? [inNode, inChromium] : [inNode],
  },
});
