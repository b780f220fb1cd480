import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { Bottleneck, resNetV2 } from '../../src/index.js';
import { SummaryWriter } from '../../src/summary/index.js';
import type { NodeDef } from '../../src/summary/messages.js';
import { graphIn } from '../support/eventLog.js';
import { memorySink } from '../support/memorySink.js';
import { PairBlock } from '../support/pairBlock.js';

async function nodesOf(model: tfl.LayersModel): Promise<Record<string, NodeDef>> {
  const sink = memorySink();
  const writer = new SummaryWriter(sink);
  writer.graph(model);
  await writer.close();
  const { node } = graphIn(sink.bytes());
  return Object.fromEntries(node!.map((def) => [def.name!, def]));
}

/** Who feeds whom, without the weights. */
function edges(nodes: Record<string, NodeDef>): string[] {
  return Object.values(nodes).flatMap(({ name, input }) => {
    const data = input!.filter((from) => nodes[from]?.op !== 'VariableV2');
    return data.map((from) => `${from} → ${name}`);
  });
}

const shapes = (node: NodeDef) => {
  return node.attr!._output_shapes!.list!.shape!.map(({ dim }) => dim!.map(({ size }) => size));
};

const { conv2d, dense, flatten, add } = tfl.layers;

function encoder(name: string): tfl.Sequential {
  return tfl.sequential({
    name,
    layers: [
      conv2d({
        name: 'conv',
        inputShape: [8, 8, 1],
        filters: 4,
        kernelSize: 3,
        activation: 'relu',
      }),
      flatten({ name: 'flat' }),
      dense({ name: 'code', units: 3, useBias: false }),
    ],
  });
}

describe('graph', () => {
  it('has a node for each layer, its class as the op, in the order of the data', async () => {
    const nodes = await nodesOf(encoder('plain'));
    expect(edges(nodes)).toEqual(['conv_input → conv', 'conv → flat', 'flat → code']);
    expect([nodes.conv_input, nodes.conv, nodes.flat, nodes.code].map((node) => node!.op)).toEqual([
      'Placeholder',
      'Conv2D',
      'Flatten',
      'Dense',
    ]);
  });

  it('puts shapes on the edges, unknown sizes as −1', async () => {
    const nodes = await nodesOf(encoder('plain'));
    expect(shapes(nodes.conv_input!)).toEqual([[-1, 8, 8, 1]]);
    expect(shapes(nodes.conv!)).toEqual([[-1, 6, 6, 4]]);
    expect(shapes(nodes.code!)).toEqual([[-1, 3]]);
    expect(shapes(nodes['conv/kernel']!)).toEqual([[3, 3, 1, 4]]);
  });

  it('opens a layer with weights as a scope around them', async () => {
    const nodes = await nodesOf(encoder('plain'));
    expect(nodes.conv!.input).toEqual(['conv_input', 'conv/kernel', 'conv/bias']);
    expect(nodes.code!.input).toEqual(['flat', 'code/kernel']);
    expect(nodes['conv/bias']!.op).toBe('VariableV2');
  });

  it('lists the simple options of a layer', async () => {
    const { attr } = (await nodesOf(encoder('plain'))).conv!;
    const text = new TextDecoder();
    expect(attr!.filters).toMatchObject({ i: 4 });
    expect(attr!.useBias).toMatchObject({ b: true });
    expect(text.decode(attr!.activation!.s)).toBe('relu');
    expect(text.decode(attr!.kernelSize!.s)).toBe('[3,3]');
    expect(attr!.dtype).toMatchObject({ type: 1 });
    expect(attr).not.toHaveProperty('kernelInitializer');
  });

  it('opens nested models as scopes, also the first one of a Sequential', async () => {
    const decoder = tfl.sequential({
      name: 'decoder',
      layers: [dense({ name: 'wide', inputShape: [3], units: 64 })],
    });
    const inner = tfl.sequential({ name: 'both', layers: [encoder('encoder'), decoder] });
    const input = tfl.input({ shape: [8, 8, 1], name: 'picture' });
    const nodes = await nodesOf(tfl.model({ inputs: input, outputs: inner.apply(input) as never }));
    expect(edges(nodes)).toEqual([
      'picture → both/encoder/conv',
      'both/encoder/conv → both/encoder/flat',
      'both/encoder/flat → both/encoder/code',
      'both/encoder/code → both/decoder/wide',
    ]);
  });

  it('opens a block as a scope around the layers that it owns', async () => {
    const block = new PairBlock({ name: 'block', inputShape: [2] });
    const nodes = await nodesOf(tfl.sequential({ layers: [block] }));
    expect(nodes.block).toMatchObject({
      op: 'PairBlock',
      input: ['block/expand'],
    });
    expect(nodes['block/reduce']).toMatchObject({
      op: 'Dense',
      input: ['block_input', 'block/reduce/kernel', 'block/reduce/bias'],
    });
    expect(Object.keys(nodes)).toHaveLength(8);
  });

  it("opens the library's own blocks, with both branches and the shapes between them", async () => {
    const block = new Bottleneck({ name: 'unit', inputShape: [8, 8, 4], filters: 8, strides: 2 });
    const nodes = await nodesOf(tfl.sequential({ layers: [block] }));
    expect(edges(nodes)).toEqual([
      'unit/activation → unit',
      'unit_input → unit/conv1',
      'unit/conv1 → unit/bn1',
      'unit/bn1 → unit/conv2',
      'unit/conv2 → unit/bn2',
      'unit/bn2 → unit/conv3',
      'unit/conv3 → unit/bn3',
      'unit_input → unit/shortcut_conv',
      'unit/shortcut_conv → unit/shortcut_bn',
      'unit/shortcut_bn → unit/add',
      'unit/bn3 → unit/add',
      'unit/add → unit/activation',
    ]);
    expect(shapes(nodes['unit/bn1']!)).toEqual([[-1, 8, 8, 2]]);
    expect(shapes(nodes['unit/bn2']!)).toEqual([[-1, 4, 4, 2]]);
    expect(shapes(nodes['unit/add']!)).toEqual([[-1, 4, 4, 8]]);
  });

  it('has every weight of a whole network once, and no edge from nowhere', async () => {
    const network = resNetV2({ depth: 20, inputShape: [8, 8, 3], width: 0.25 });
    const nodes = await nodesOf(network);
    const inputs = Object.values(nodes).flatMap(({ input }) => input!);
    expect(inputs.filter((name) => !nodes[name])).toEqual([]);
    const variables = Object.values(nodes).filter(({ op }) => op === 'VariableV2');
    expect(variables).toHaveLength(network.weights.length);
  });

  it('shows branches and the second output of a layer', async () => {
    const input = tfl.input({ shape: [5, 4], name: 'x' });
    const [sequence, state] = tfl.layers
      .simpleRNN({
        name: 'rnn',
        units: 4,
        returnSequences: true,
        returnState: true,
        recurrentInitializer: 'zeros',
      })
      .apply(input) as tfl.SymbolicTensor[];
    const sum = add({ name: 'sum' }).apply([input, sequence!]) as tfl.SymbolicTensor;
    const head = dense({ name: 'head', units: 2 }).apply(state!) as tfl.SymbolicTensor;
    const nodes = await nodesOf(tfl.model({ inputs: input, outputs: [sum, head] }));
    expect(edges(nodes).sort()).toEqual(['rnn → sum', 'rnn:1 → head', 'x → rnn', 'x → sum']);
    expect(shapes(nodes.rnn!)).toEqual([
      [-1, 5, 4],
      [-1, 4],
    ]);
  });

  it('shows a shared layer and a shared model once, with the inputs of all their calls', async () => {
    const [a, b] = ['a', 'b'].map((name) => tfl.input({ shape: [8, 8, 1], name }));
    const tower = encoder('tower');
    const last = dense({ name: 'last', units: 3 });
    const both = [a!, b!].map((x) => last.apply(tower.apply(x)) as tfl.SymbolicTensor);
    const sum = add({ name: 'sum' }).apply(both) as tfl.SymbolicTensor;
    const nodes = await nodesOf(tfl.model({ inputs: [a!, b!], outputs: sum }));
    expect(edges(nodes)).toEqual([
      'a → tower/conv',
      'b → tower/conv',
      'tower/conv → tower/flat',
      'tower/flat → tower/code',
      'tower/code → last',
      'last → sum',
    ]);
  });

  it('holds only the calls of the model itself, not those in another model', async () => {
    const shared = dense({ name: 'shared', units: 4 });
    const input = tfl.input({ shape: [4], name: 'x' });
    const once = shared.apply(input) as tfl.SymbolicTensor;
    const middle = dense({ name: 'middle', units: 4 }).apply(input) as tfl.SymbolicTensor;
    const twice = shared.apply(middle) as tfl.SymbolicTensor;
    expect(edges(await nodesOf(tfl.model({ inputs: input, outputs: once })))).toEqual([
      'x → shared',
    ]);
    expect(edges(await nodesOf(tfl.model({ inputs: input, outputs: twice })))).toEqual([
      'x → middle',
      'middle → shared',
    ]);
  });

  it('starts at the inputs of a model that is cut out of another', async () => {
    const whole = encoder('whole');
    const flat = whole.getLayer('flat').output as tfl.SymbolicTensor;
    const cut = tfl.model({ inputs: whole.inputs, outputs: flat });
    expect(edges(await nodesOf(cut))).toEqual(['conv_input → conv', 'conv → flat']);
  });

  it('takes an input layer in a Sequential', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: [4], name: 'in' }),
        dense({ name: 'out', units: 1 }),
      ],
    });
    expect(edges(await nodesOf(model))).toEqual(['in → out']);
  });

  it('gives no name twice', async () => {
    const inner = tfl.sequential({
      name: 'scope',
      layers: [dense({ name: 'code', inputShape: [4], units: 4 })],
    });
    const model = tfl.sequential({
      layers: [dense({ name: 'scope/code', inputShape: [4], units: 4 }), inner],
    });
    expect(edges(await nodesOf(model))).toEqual([
      'scope/code_input → scope/code',
      'scope/code → scope/code_1',
    ]);
  });
});
