import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setBackend, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/index.js';
import { fuse } from '../../src/inference/index.js';
import { registerKernels } from '../../src/kernels/index.js';
import { data } from '../models.js';
import { type Network, scramble } from './models.js';

/** One prediction, from values to values. */
export type Predict = () => Promise<Float32Array>;

export interface Contender {
  name: string;
  /** Loads the network; of ONNX Runtime's, from the folder's model.onnx. */
  load(network: Network, folder: string): Promise<Predict>;
  /** What must be done before its predictions; returns what undoes it. */
  enter?: () => () => void;
}

/** What is used of onnxruntime-web and onnxruntime-node, which this repository doesn't depend on. */
interface Runtime {
  env: { wasm: { numThreads: number } };
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor;
  InferenceSession: {
    create(model: Uint8Array, options: object): Promise<Session>;
  };
}

interface OrtTensor {
  data: Float32Array;
  dims: readonly number[];
}

interface Session {
  inputNames: string[];
  outputNames: string[];
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
}

const require = createRequire(import.meta.url);
/** Of everyone. */
let count = 1;

/** The network with the same weights in every process; `use` gets it before it is disposed. */
export function withNetwork<T>({ make }: Network, use: (network: LayersModel, x: Tensor) => T): T {
  const network = make();
  scramble(network);
  const x = data([1, ...network.inputs[0]!.shape.slice(1)] as number[]);
  return use(network, x);
}

/** With several threads on a backend whose memory is shared. */
export async function startTfjs(threads = 1): Promise<void> {
  count = threads;
  if (threads > 1) {
    const report = await useBackend({ prefer: 'wasm', threads });
    if (report.threads !== threads) throw new Error(report.whyOneThread);
    registerKernels()();
    return;
  }
  const entry = require.resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(entry.slice(0, entry.lastIndexOf('/') + 1));
  await setBackend('wasm');
}

function read(model: LayersModel, x: Tensor): Float32Array {
  const y = model.predict(x) as Tensor;
  const values = y.dataSync() as Float32Array;
  y.dispose();
  return values;
}

const ours: Contender = {
  name: 'ours, fused',
  enter: () => registerKernels({ threads: count }),
  async load(network) {
    return withNetwork(network, (unfused, x) => {
      const { model } = fuse(unfused);
      unfused.dispose();
      return async () => read(model, x);
    });
  },
};

const stock: Contender = {
  name: 'stock tfjs-layers',
  async load(network) {
    return withNetwork(network, (model, x) => async () => read(model, x));
  },
};

function onnx(packageName: string, options: object): Contender {
  return {
    name: packageName,
    async load(network, folder) {
      const runtime = require(packageName) as Runtime;
      if (packageName === 'onnxruntime-web') runtime.env.wasm.numThreads = count;
      const model = readFileSync(`${folder}/model.onnx`);
      const session = await runtime.InferenceSession.create(model, {
        ...{ intraOpNumThreads: count, interOpNumThreads: 1 },
        ...options,
      });
      const { values, shape } = withNetwork(network, (unused, x) => {
        unused.dispose();
        const turned = x.rank === 4 ? transpose(x, [0, 3, 1, 2]) : x;
        return { values: turned.dataSync() as Float32Array, shape: turned.shape };
      });
      return async () => {
        const feeds = { [session.inputNames[0]!]: new runtime.Tensor('float32', values, shape) };
        const outputs = await session.run(feeds);
        const { data, dims } = outputs[session.outputNames[0]!]!;
        // Images come back with the channels in front; those of this bench have only one.
        if (dims.length === 4 && dims[1] !== 1) throw new Error('more than one channel');
        return data;
      };
    },
  };
}

export const CONTENDERS: Contender[] = [
  ours,
  stock,
  onnx('onnxruntime-web', { executionProviders: ['wasm'] }),
  onnx('onnxruntime-node', {}),
];
