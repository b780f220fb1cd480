/**
 * The first backend that works here.
 *
 * @module tfjs-blocks/backend
 */

export type { BackendName, BackendOptions, WasmBinary, WasmPaths } from './options.js';
export type { Attempt, BackendReport } from './useBackend.js';
export { useBackend } from './useBackend.js';
