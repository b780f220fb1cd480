import { grad, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { Upsample2D, type Upsample2DArgs } from '../../src/index.js';
import cases from '../fixtures/upsample.json' with { type: 'json' };
import { onEveryBackend } from '../support/backends.js';
import { expectClose } from '../support/close.js';

onEveryBackend(() => {
  for (const golden of cases) {
    it(`agrees with ${golden.name}, and so does the gradient`, async () => {
      const layer = new Upsample2D(golden.options as Upsample2DArgs);
      const [x, dy] = [golden.x, golden.dy].map(({ data, shape }) => tensor(data, shape));
      const y = layer.apply(x!) as Tensor;
      await expectClose(y, golden.y.data, { tolerance: 2e-6, shape: golden.y.shape });
      const dx = tidy(() => grad((v) => layer.apply(v) as Tensor)(x!, dy!));
      await expectClose(dx, golden.dx.data, { tolerance: 2e-6, shape: golden.x.shape });
      for (const t of [x, dy, y, dx]) t!.dispose();
    });
  }
});
