import {
  engine,
  env,
  getBackend,
  getKernel,
  type NamedTensorInfoMap,
  Tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';

/** The kernel that computes by a plan, where a backend has one; the WASM kernels do. */
export const PLAN = 'BlocksPlan';

/** What a backend keeps for the plans of one computation. Whoever makes it disposes it. */
export interface Plans {
  /** The backend's own: plans, packed filters, memory for what is between kernels. */
  kept?: { dispose(): void } | undefined;
  /** Why there can't be a plan. */
  unfit?: string;
}

/** What is computed by a plan. */
export interface Planned {
  /** What may have other values the next time. */
  inputs: Tensor[];
  /** The outputs for these inputs, without side effects: what a plan is made of. */
  compute: () => Tensor[];
  /** Other tensors that may: there is no plan that takes one. */
  varying?: () => TensorInfo[];
  /** Whether results must be the same to the last bit, not only up to rounding. Default false. */
  exact?: boolean;
}

/** The attributes of the kernel {@link PLAN}; its inputs are those of the computation. */
export interface PlanAttrs extends Omit<Planned, 'inputs'> {
  plans: Plans;
}

/** What computes by these plans; undefined where there can't be one now. */
export function planOf(plans: Plans): ((planned: Planned) => Tensor[]) | undefined {
  const kernel = getBackend() === 'wasm' && getKernel(PLAN, 'wasm');
  if (!kernel || plans.unfit) return undefined;
  // Who differentiates, profiles or debugs wants to see every kernel.
  const { gradientDepth, profiling } = engine().state;
  if (gradientDepth > 0 || profiling || env().getBool('DEBUG')) return undefined;
  return ({ inputs, ...rest }) =>
    tidy(() => {
      // Not by `runKernel`, inside of which tfjs notes nothing for gradients.
      const outputs = kernel.kernelFunc({
        inputs: inputs as unknown as NamedTensorInfoMap,
        attrs: { plans, ...rest } as never,
        backend: engine().backend,
      }) as TensorInfo[];
      return outputs.map((output) => {
        return output instanceof Tensor ? output : engine().makeTensorFromTensorInfo(output);
      });
    });
}
