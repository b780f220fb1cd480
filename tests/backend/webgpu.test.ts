import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { BackendReport } from '../../src/backend/index.js';
import { vulkanEnvironment, withoutVulkan } from '../support/vulkan.js';

const PROGRAM = `
  const { useBackend } = await import('./src/backend/index.ts');
  console.log(JSON.stringify(await useBackend({ prefer: 'webgpu' })));`;

/** What useBackend reports in a Node of its own; resolves when that has ended by itself. */
async function reportWith(environment: Record<string, string>): Promise<BackendReport> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { env: { ...process.env, ...environment }, timeout: 60_000 },
  );
  return JSON.parse(stdout);
}

it.skipIf(withoutVulkan)(
  `in Node useBackend({ prefer: 'webgpu' }) takes WebGPU, and names its adapter${withoutVulkan}`,
  async () => {
    const { name, device, kernels, tried } = await reportWith(vulkanEnvironment);
    expect({ name, kernels }).toEqual({ name: 'webgpu', kernels: 'stock' });
    expect(device).toMatch(/swiftshader/i);
    expect(tried).toHaveLength(1);
  },
);

it('in Node without an adapter it says so, and goes on to WASM', async () => {
  const nowhere = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' };
  const { name, tried } = await reportWith(nowhere);
  expect(name).toBe('wasm');
  expect(tried[0]).toEqual({
    name: 'webgpu',
    works: false,
    why: "there is no graphics adapter (on Linux a driver and the Vulkan loader, 'libvulkan1', are needed)",
  });
});
