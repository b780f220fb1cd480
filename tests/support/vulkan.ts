import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium } from './chromium.js';

const DRIVER = 'vk_swiftshader_icd.json';

/** The folder of Chromium's own Vulkan loader and software driver, where Node finds an adapter without a card. */
export const vulkan = [
  ...(chromium ? [dirname(realpathSync(chromium))] : []),
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
].find((folder) => existsSync(join(folder, DRIVER)));

/** Why tests that need a graphics adapter in Node are skipped, for their title; CI never skips them. */
export const withoutVulkan =
  vulkan || process.env.CI ? '' : ' (skipped: no Vulkan driver beside Chromium)';

/** What a process needs in its environment to find them. */
export const vulkanEnvironment: Record<string, string> = vulkan
  ? { VK_ICD_FILENAMES: join(vulkan, DRIVER), LD_LIBRARY_PATH: vulkan }
  : {};
