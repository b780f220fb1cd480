import { expect, it } from 'vitest';
import { chromium, withoutChromium } from './support/chromium.js';
import { vulkan, withoutVulkan } from './support/vulkan.js';

it.skipIf(withoutChromium)(`Chromium is there for the browser suites${withoutChromium}`, () => {
  expect(chromium, 'apt-get install chromium, or set CHROMIUM to its path').toBeDefined();
});

it.skipIf(withoutVulkan)(`its software adapter is there for WebGPU in Node${withoutVulkan}`, () => {
  expect(vulkan, "Debian's chromium has vk_swiftshader_icd.json and libvulkan.so.1").toBeDefined();
});
