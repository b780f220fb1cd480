/** The activations of tfjs's fused kernels; leakyrelu with a slope of 0.2 below 0. */
export const fused = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(x, 0),
  relu6: (x: number) => Math.min(Math.max(x, 0), 6),
  elu: (x: number) => (x > 0 ? x : Math.expm1(x)),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  leakyrelu: (x: number) => (x > 0 ? x : 0.2 * x),
};
