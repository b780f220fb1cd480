import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { BasicBlock, CroppedConv2DTranspose, modelCost, resNetV1 } from '../../src/index.js';

const { conv2d, dense, depthwiseConv2d, flatten, separableConv2d } = tfl.layers;

it('modelCost counts each layer of a model', () => {
  const model = tfl.sequential({
    layers: [
      conv2d({
        name: 'conv',
        inputShape: [8, 6, 3],
        filters: 4,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
      }),
      depthwiseConv2d({ name: 'depthwise', kernelSize: 3, padding: 'same' }),
      separableConv2d({ name: 'separable', filters: 5, kernelSize: 3, padding: 'same' }),
      new CroppedConv2DTranspose({
        name: 'up',
        filters: 2,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
      }),
      flatten({ name: 'flat' }),
      dense({ name: 'dense', units: 7 }),
    ],
  });
  const cost = modelCost(model, { batch: 2 });
  const pixels = 2 * 4 * 3;
  expect(
    cost.layers.map(({ name, outputShape, multiplyAdds }) => [name, outputShape, multiplyAdds]),
  ).toEqual([
    ['conv', [2, 4, 3, 4], pixels * 27 * 4],
    ['depthwise', [2, 4, 3, 4], pixels * 9 * 4],
    ['separable', [2, 4, 3, 5], pixels * (9 * 4 + 4 * 5)],
    ['up', [2, 8, 6, 2], pixels * 9 * 5 * 2],
    ['flat', [2, 96], 0],
    ['dense', [2, 7], 2 * 96 * 7],
  ]);
  expect(cost.parameters).toBe(model.countParams());
  expect(cost.layers[0]).toMatchObject({
    type: 'Conv2D',
    parameters: 112,
    outputBytes: 4 * pixels * 4,
    inferenceBytes: 4 * pixels * 4,
    trainingBytes: 4 * pixels * 4,
  });
  // The flattened image and the code.
  expect(cost.layers.at(-1)!.inferenceBytes).toBe(4 * 2 * (96 + 7));
  expect(cost.trainingBytes).toBe(4 * 2 * (48 + 48 + 60 + 96 + 96 + 7));
  // At most the flattened image beside the image itself.
  expect(cost.inferenceBytes).toBe(4 * 2 * (96 + 96));
  model.dispose();
});

it('modelCost walks into blocks and models, and knows what branches keep', () => {
  const x = tfl.input({ shape: [4, 4, 2] });
  const block = new BasicBlock({ name: 'block', inputShape: [4, 4, 2], filters: 2 });
  const inner = tfl.sequential({ name: 'inner', layers: [block] });
  const model = tfl.model({ inputs: x, outputs: inner.apply(x) as tfl.SymbolicTensor });
  const cost = modelCost(model);
  expect(cost.layers.map(({ name }) => name)).toEqual(
    ['conv1', 'bn1', 'conv2', 'bn2', 'add', 'activation'].map((name) => `inner/block/${name}`),
  );
  expect(cost.multiplyAdds).toBe(2 * 16 * 9 * 2 * 2);
  const image = 4 * 32;
  expect(cost.trainingBytes).toBe(6 * image);
  expect(cost.inferenceBytes).toBe(2 * image);
  model.dispose();
});

it('modelCost of ResNet-50 is what its papers say, less in training with recompute', () => {
  const [plain, other] = [false, true].map((recompute) => {
    const model = resNetV1({
      recompute,
      kernelInitializer: 'zeros',
      classifierInitializer: 'zeros',
    });
    const cost = modelCost(model);
    model.dispose();
    return cost;
  });
  // torchvision's documentation: 4.09 GFLOPS, its word for multiply-adds.
  expect(plain!.multiplyAdds / 1e9).toBeCloseTo(4.09, 2);
  expect(other!.multiplyAdds).toBe(plain!.multiplyAdds);
  expect(other!.trainingBytes).toBeLessThan(plain!.trainingBytes / 3);
  expect(String(plain).split('\n').at(-3)).toMatch(/^total +25,610,152 +4,089,/);
  const inBlock = (cost: typeof plain) =>
    cost!.layers.filter(({ name }) => name.startsWith('stage1_block1/'));
  const kept = inBlock(other).map((layer) => layer.trainingBytes);
  expect(kept.slice(0, -1).every((bytes) => bytes === 0)).toBe(true);
  expect(kept.at(-1)).toBe(inBlock(plain).at(-1)!.outputBytes);
  expect(inBlock(plain).map((layer) => layer.trainingBytes)).toEqual(
    inBlock(plain).map((layer) => layer.outputBytes),
  );
});

it('modelCost asks for the sizes that a model leaves open', () => {
  const layer = conv2d({
    inputShape: [null, null, 3] as unknown as number[],
    filters: 1,
    kernelSize: 1,
  });
  const model = tfl.sequential({ layers: [layer] });
  expect(() => modelCost(model)).toThrow(
    'modelCost: inputShape must be given for an input of shape [null, null, null, 3]',
  );
  expect(modelCost(model, { inputShape: [2, 5, 3] }).multiplyAdds).toBe(30);
  expect(() => modelCost(model, { batch: 0 })).toThrow(
    'modelCost: batch must be a positive integer, got 0',
  );
  model.dispose();
});
