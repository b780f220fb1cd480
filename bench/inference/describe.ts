import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { graphOf } from '../../src/inference/graph.js';

/** Writes a model of one input and one output to a folder, as toOnnx.py reads it. */
export function describe(network: LayersModel, folder: string): void {
  const { inputs, outputs, ops } = graphOf(network);
  const names = new Map(inputs.map((value, i) => [value, `input${i}`]));
  const parts: Float32Array[] = [];
  let size = 0;
  const described = ops.map((op, index) => {
    const [node] = op.layer.inboundNodes;
    const weights = op.layer.getWeights();
    const starts = weights.map((weight) => {
      const start = size;
      parts.push(weight.dataSync() as Float32Array);
      size += weight.size;
      return start;
    });
    names.set(op.outputs[0]!, `value${index}`);
    return {
      kind: op.layer.getClassName(),
      config: op.layer.getConfig(),
      inputs: op.inputs.map((value) => names.get(value)),
      output: `value${index}`,
      ...{ from: node!.inputShapes[0], to: node!.outputShapes[0] },
      ...{ starts, shapes: weights.map(({ shape }) => shape) },
    };
  });
  const atBatch1 = (shape: (number | null)[]) => [1, ...shape.slice(1)];
  const description = {
    ...{ input: 'input0', inputShape: atBatch1(network.inputs[0]!.shape) },
    ...{ output: names.get(outputs[0]!), outputShape: atBatch1(network.outputs[0]!.shape) },
    ops: described,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'network.json'), JSON.stringify(description));
  writeFileSync(
    join(folder, 'weights.bin'),
    Buffer.concat(parts.map((p) => new Uint8Array(p.buffer, p.byteOffset, p.byteLength))),
  );
}
