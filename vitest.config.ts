import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { engineHasFma } from './src/kernels/runtime/fma.js';
import { badServers } from './tests/support/badServers.js';
import { chromium } from './tests/support/chromium.js';
import { vulkan, vulkanEnvironment } from './tests/support/vulkan.js';

// The layer suites (*.backends.test.ts) run in Node on CPU and WASM, on WebGPU, and again in Chromium.
const globalSetup = 'tools/assemble.js';
const inNode = {
  test: {
    name: 'node',
    globalSetup,
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/**/*.chromium.test.ts', 'tests/package/**'],
    testTimeout: 60_000,
  },
};

// The kernels again, by the build for engines without fused multiply-add, on those that have it.
const withoutFma = {
  test: {
    ...inNode.test,
    name: 'without fma',
    include: ['tests/kernels/**/*.test.ts'],
    setupFiles: 'tests/support/withoutFma.ts',
  },
};

// The layer suites again in Node, on WebGPU by the npm package `webgpu` and Chromium's software adapter.
const onWebGpuInNode = {
  test: {
    name: 'webgpu',
    globalSetup,
    include: ['tests/**/*.backends.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    env: { ...vulkanEnvironment, GPU_IN_NODE: 'yes' },
  },
};

// The package as others get it: packed, and installed into an empty folder.
const asInstalled = {
  test: {
    name: 'package',
    globalSetup: ['tests/package/install.ts'],
    include: ['tests/package/**/*.test.ts'],
    testTimeout: 300_000,
  },
};

const inChromium = {
  plugins: [badServers],
  // Every page is cross-origin isolated, so that WASM has shared memory and threads.
  server: {
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
  resolve: { dedupe: ['@tensorflow/tfjs-core'] },
  // A dependency that is found only in the middle of a run would reload the page.
  optimizeDeps: {
    noDiscovery: true,
    include: [
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js',
      '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js',
      '@tensorflow/tfjs-backend-webgl',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-layers',
      'crc-32/crc32c.js',
    ],
  },
  test: {
    name: 'chromium',
    globalSetup,
    include: ['tests/**/*.{backends,chromium}.test.ts'],
    // A software graphics adapter takes seconds to compile the first shaders.
    testTimeout: 120_000,
    hookTimeout: 60_000,
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
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
    projects: [
      ...[inNode, asInstalled],
      ...(engineHasFma() ? [withoutFma] : []),
      ...(chromium ? [inChromium] : []),
      ...(vulkan ? [onWebGpuInNode] : []),
    ],
  },
});
