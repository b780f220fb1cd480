import {
  customGrad,
  dispose,
  engine,
  type GradSaveFunc,
  getKernel,
  keep,
  serialization,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { batchNormGrad } from './batchNormGrad.js';
import { batchNormTrain } from './batchNormTrain.js';

interface Variable {
  read(): Tensor;
  write(value: Tensor): void;
}

/** What we rely on of the layer of `tf.layers.batchNormalization`. */
interface BatchNormalization {
  axis: number;
  epsilon: number;
  momentum: number;
  gamma: Variable | null;
  beta: Variable | null;
  movingMean: Variable;
  movingVariance: Variable;
}

type Call = (this: BatchNormalization, inputs: Tensor | Tensor[], kwargs: object) => Tensor;

/**
 * Makes `tf.layers.batchNormalization` train by our kernels where they run: one pass for the statistics
 * and one to normalise, in place of five operations forward and a dozen backward. It trains without
 * scale or offset too, for which stock throws. Returns what undoes it.
 */
export function fuseBatchNormalization(): () => void {
  const known = serialization.SerializationMap.getMap().classNameMap.BatchNormalization;
  // A bundler may leave out layers that an app doesn't use.
  if (!known) return () => {};
  const layer = known[0].prototype as unknown as { call: Call };
  const stock = layer.call;
  layer.call = function (inputs, kwargs) {
    const x = Array.isArray(inputs) && inputs.length === 1 ? inputs[0]! : inputs;
    const training = (kwargs as { training?: boolean }).training ?? false;
    if (!training || Array.isArray(x) || !fits(this, x)) return stock.call(this, inputs, kwargs);
    return tidy(() => train(this, x));
  };
  return () => {
    layer.call = stock;
  };
}

/** Whether the kernels take it: channels last, on WASM, not inside of a gradient of a gradient. */
function fits({ axis }: BatchNormalization, x: Tensor): boolean {
  const { backendName, state } = engine();
  return (
    [-1, x.rank - 1].includes(axis) &&
    x.dtype === 'float32' &&
    x.size > 0 &&
    state.gradientDepth <= 1 &&
    getKernel(batchNormTrain.kernelName, backendName) !== undefined
  );
}

function train(layer: BatchNormalization, x: Tensor): Tensor {
  const { movingMean, movingVariance } = layer;
  const { y, moved } = normalize(layer, x);
  movingMean.write(moved[0]);
  movingVariance.write(moved[1]);
  dispose(moved);
  return y;
}

/** x […, c] → y […, c], and the new moving averages [c], which are kept. */
function normalize(
  layer: BatchNormalization,
  x: Tensor,
): { y: Tensor; moved: [mean: Tensor, variance: Tensor] } {
  const { epsilon, momentum } = layer;
  const [gamma, beta] = [layer.gamma?.read(), layer.beta?.read()];
  const averages = {
    movingMean: layer.movingMean.read(),
    movingVariance: layer.movingVariance.read(),
  };
  let moved: [Tensor, Tensor];
  const operation = customGrad((...inputs) => {
    const save = inputs.pop() as unknown as GradSaveFunc;
    const scale = gamma && { gamma: inputs[1] as Tensor };
    const offset = beta && { beta: inputs.at(-1) as Tensor };
    const tensors = { x: inputs[0] as Tensor, ...scale, ...offset };
    const attrs = { epsilon, activation: 'linear' };
    const forward = engine().runKernel(
      batchNormTrain.kernelName,
      { ...tensors, ...averages },
      { ...attrs, momentum },
    );
    const [y, mean, variance, ...rest] = forward as unknown as [Tensor, Tensor, Tensor];
    moved = rest as unknown as [Tensor, Tensor];
    for (const average of moved) keep(average);
    save([tensors.x, mean, variance, ...(scale ? [scale.gamma] : [])]);
    const gradFunc = (dy: Tensor, [x, mean, variance, gamma]: Tensor[]) => {
      const saved = { x: x!, dy, mean: mean!, variance: variance!, ...(gamma && { gamma }) };
      const options = { ...attrs, fixed: false };
      const backward = engine().runKernel(batchNormGrad.kernelName, saved, options);
      const [dx, dGamma, dBeta] = backward as unknown as [Tensor, Tensor, Tensor];
      return [dx, ...(scale ? [dGamma] : []), ...(offset ? [dBeta] : [])];
    };
    return { value: y, gradFunc };
  });
  const y = operation(x, ...(gamma ? [gamma] : []), ...(beta ? [beta] : []));
  return { y, moved: moved! };
}
