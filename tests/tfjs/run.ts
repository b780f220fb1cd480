// A process of its own: runs the specs that tfjs-core ships on the WASM backend, stock or with our
// kernels, and writes what passed and failed to a file.
import { writeFileSync } from 'node:fs';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
// @ts-expect-error: without types
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';
import { registerKernels } from '../../src/kernels/index.js';

interface SpecResult {
  status: string;
  fullName: string;
  failedExpectations: { message: string }[];
}

const [kernels, wasmPath, output] = process.argv.slice(2) as [string, string, string];
const jasmine = jasmineRequire.core(jasmineRequire);
const env = jasmine.getEnv();
Object.assign(globalThis, jasmineRequire.interface(jasmine, env), { jasmine });
console.warn = () => {};

setWasmPaths(wasmPath);
if (kernels === 'ours') registerKernels();
const flags = { WASM_HAS_SIMD_SUPPORT: true };
setTestEnvs([{ name: 'wasm', backendName: 'wasm', flags, isDataSync: true }]);

const passed: string[] = [];
const failed: [name: string, message: string][] = [];
env.configure({ random: false });
env.addReporter({
  specDone({ status, fullName, failedExpectations }: SpecResult) {
    const name = fullName.replace(` wasm ${JSON.stringify(flags)}`, '');
    if (status === 'passed') passed.push(name);
    if (status === 'failed') failed.push([name, failedExpectations[0]?.message ?? '']);
  },
  jasmineDone() {
    writeFileSync(output, JSON.stringify({ passed, failed }));
    process.exit(0);
  },
});
// The specs look for jasmine's functions when they are loaded.
import('@tensorflow/tfjs-core/dist/tests.js').then(() => env.execute());
