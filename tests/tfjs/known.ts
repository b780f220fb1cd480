/** How many specs tfjs-core has, and how many of them fail on stock WASM and with our kernels. */
export const TOTAL = { specs: 4225, stock: 334, ours: 255 };

/** Specs that pass on stock WASM and fail with our kernels: they hold stock's mistakes. */
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

interface Known {
  why: string;
  /** How many specs fail for it. */
  specs: number;
  /** Fits their names. */
  spec?: RegExp;
  /** Fits what they say. */
  message?: RegExp;
}

/** Why specs fail that fail on stock WASM too; of each, the first reason whose name or message fits. */
export const KNOWN: Known[] = [
  {
    why: 'complex numbers, and so Fourier transforms, are out of scope',
    specs: 115,
    message: /'Complex' not/,
  },
  { why: 'ragged tensors are out of scope', specs: 41, spec: /^ragged/ },
  { why: 'NCHW is out of scope', specs: 33, message: /channelsFirst|NCHW/ },
  {
    why: 'strings are out of scope',
    specs: 21,
    // Where a kernel aborts or compares addresses, only the name tells.
    spec: /string comparison|string tensor|for string$/,
    message: /Unknown dtype string|'StaticRegexReplace' not/,
  },
  {
    why: 'the kernel of einsum is missing, by which RGBToGrayscale computes too',
    specs: 34,
    spec: /^(einsum|RGBToGrayscale)/,
    message: /'Einsum' not/,
  },
  {
    why: "Otsu's threshold counts an image of rank 3 by bincount, whose kernel counts each row apart",
    specs: 2,
    message: /shapes 1536 and 6,256/,
  },
  {
    why: 'expects x back for windows of 1×1, where stride and padding move all but one out of the image',
    specs: 2,
    spec: /^pool .*f=\[1,1\] s=2 p=1 fractional outputs default rounding/,
  },
];
