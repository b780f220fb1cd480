import { engine, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { chooseThreads, registerKernels } from '../kernels/registerKernels.js';
import { cpu } from './cpu.js';
import { type Deadline, deadline } from './deadline.js';
import type { BackendName, Request } from './options.js';
import { probe } from './probe.js';
import type { Description, Factory, Starter } from './starter.js';
import { wasm } from './wasm.js';
import { webgl } from './webgl.js';
import { webgpu } from './webgpu.js';

const STARTERS: Record<BackendName, Starter> = { webgpu, webgl, wasm, cpu };

/** Makes a backend the active one; throws, and leaves none of it behind, if it can't be trusted. */
export async function start(name: BackendName, request: Request): Promise<Description> {
  const starter = STARTERS[name];
  const { registry, registryFactory } = engine();
  if (!registryFactory[name]) starter.register?.(request);
  const registration = registryFactory[name];
  if (!registration) {
    throw new Error(`'${starter.package}' is not imported, or can't run here at all`);
  }
  const before = deadline(request.timeout);
  const existing = registry[name];
  const factory = stock.get(registration.factory) ?? registration.factory;
  // By its factory: setBackend would hide why it failed, and name the failed backend as the active one.
  registry[name] =
    existing ?? (await before(starter.create(factory, request, before), (late) => late.dispose()));
  try {
    // The only backend that can't train by itself.
    if (name === 'wasm') {
      chooseThreads(request.threads, request.workerUrl);
      registerKernels();
      if (!existing) startAlike(name, factory, request);
    }
    await setBackend(name);
    await probe(before);
    return await before(starter.describe(request));
  } catch (error) {
    // What somebody started earlier may hold tensors: it stays.
    if (!existing) forget(name);
    throw error;
  }
}

/** The factories that packages registered, by those that took their place. */
const stock = new WeakMap<Factory, Factory>();

/** Lets tfjs start the backend in the same way when it needs another one, as after `ENGINE.reset`. */
function startAlike(name: BackendName, factory: Factory, request: Request): void {
  const alike = () => STARTERS[name].create(factory, request, deadline(request.timeout));
  stock.set(alike, factory);
  engine().registryFactory[name]!.factory = alike;
}

/** Leaves a backend as the import of its package did: registered, not started, not active. */
function forget(name: string): void {
  const { registry, registryFactory } = engine();
  const { factory, priority } = registryFactory[name]!;
  try {
    removeBackend(name);
  } catch {
    // It can't even be disposed of.
    delete registry[name];
    removeBackend(name);
  }
  registerBackend(name, stock.get(factory) ?? factory, priority);
}

// Private to tfjs, which has no other way to give up a start that hangs.
const PENDING = 'pendingBackendInit';
const PENDING_ID = 'pendingBackendInitId';

/** Waits for a start that somebody else asked for, and makes tfjs forget it if it doesn't end. */
export async function settle(before: Deadline): Promise<void> {
  const tf = engine();
  try {
    await before(tf[PENDING] ?? true);
  } catch {
    tf[PENDING] = null;
    tf[PENDING_ID]++;
  }
}
