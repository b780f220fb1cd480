import { cast, oneHot, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { autoencoder, data, resNet20 } from './models.js';

/** What is trained. */
export interface Task {
  name: string;
  goal: number;
  model: () => LayersModel;
  /** Images of a batch; of the goal's batch where none is given. */
  x: (batch?: number) => Tensor;
  y: (x: Tensor) => Tensor;
  loss: string;
}

export const TASKS: Task[] = [
  {
    name: 'autoencoder 28×28, batch 64',
    goal: 7,
    model: autoencoder,
    x: (batch = 64) => data([batch, 28, 28, 1]),
    y: (x) => x,
    loss: 'meanSquaredError',
  },
  {
    name: 'ResNet-20 32×32×3, batch 32',
    goal: 9,
    model: resNet20,
    x: (batch = 32) => data([batch, 32, 32, 3]),
    y: ({ shape: [batch] }) => {
      const classes = Array.from({ length: batch! }, (_, i) => i % 10);
      return cast(oneHot(tensor1d(classes, 'int32'), 10), 'float32');
    },
    loss: 'categoricalCrossentropy',
  },
];
