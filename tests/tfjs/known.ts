/** Specs of tfjs-core that pass on stock WASM and fail with our kernels: they hold stock's mistakes. */
export const CORRECTED: Record<string, string> = {
  'avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit':
    'expects dy divided by all cells of a window, also by those in the padding',
  'maxPool [x=[3,3,1] f=[2,2] s=1 ignores NaNs': 'NaN stays NaN, so that a diverged run shows',
  'maxPoolWithArgmax [x=[1,3,3,1] f=[2,2] s=1 ignores NaNs': 'as for maxPool',
  'mirrorPad grad': 'expects the gradient of zero padding',
  'mirrorPad gradient with clones': 'expects the gradient of zero padding',
  'conv2dTranspose input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4':
    'a size that no convolution has is refused',
  'depthwiseConv2d gradients throws error on dilations > 1': 'it has gradients now',
};

/** Why a spec fails that fails on stock WASM too; the first that fits a failure's message or name. */
export const KNOWN: { why: string; message?: RegExp; spec?: RegExp }[] = [
  { why: 'complex numbers, and so Fourier transforms, are out of scope', message: /'Complex' not/ },
  { why: 'ragged tensors are out of scope', spec: /^ragged/ },
  { why: 'strings are out of scope', spec: /string|^staticRegexReplace|^sparseToDense/i },
  { why: 'strings are out of scope', message: /Unknown dtype string/ },
  { why: 'NCHW is out of scope', message: /channelsFirst|NCHW/ },
  { why: 'einsum: the kernel is missing', spec: /^(einsum|RGBToGrayscale)/ },
  { why: 'integer matrix products are left to stock, which refuses them', message: /BatchMatMul/ },
  { why: 'fused operations take a bias of rank 1 alone', message: /only supports rank-1 bias/ },
  { why: 'a cast to bool keeps the number', spec: /^tensor Tensor2D (float32|int32) -> bool/ },
  {
    why: 'expects x back for windows of 1×1, whatever the stride and padding',
    spec: /^pool .*f=\[1,1\] s=2 p=1 fractional outputs default rounding/,
  },
  { why: 'threshold: bincount returns another shape', spec: /^threshold method otsu/ },
];
