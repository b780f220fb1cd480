import type { ConvCase } from '../support/convCases.js';

/** Float32 sums of up to a few thousand products of numbers in [−1, 1), relative to the largest. */
export const tolerance = 2e-6;

/** y[n, oh, ow, co] = Σ over kh, kw, ci of x[n, oh·s + kh − top, …, ci] · w[kh, kw, ci, co]. */
export function conv2D(
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
  { batch, height, width, inChannels, outChannels, kernel, stride, top, left, out }: ConvCase,
): Float64Array {
  const [kernelHeight, kernelWidth] = kernel;
  const [outHeight, outWidth] = out;
  const y = new Float64Array(batch * outHeight * outWidth * outChannels);
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let ow = 0; ow < outWidth; ow++) {
        for (let kh = 0; kh < kernelHeight; kh++) {
          for (let kw = 0; kw < kernelWidth; kw++) {
            const h = oh * stride[0] + kh - top;
            const w = ow * stride[1] + kw - left;
            if (h < 0 || w < 0 || h >= height || w >= width) continue;
            const xAt = ((n * height + h) * width + w) * inChannels;
            const yAt = ((n * outHeight + oh) * outWidth + ow) * outChannels;
            const wAt = (kh * kernelWidth + kw) * inChannels * outChannels;
            for (let ci = 0; ci < inChannels; ci++) {
              for (let co = 0; co < outChannels; co++) {
                y[yAt + co]! += x[xAt + ci]! * filter[wAt + ci * outChannels + co]!;
              }
            }
          }
        }
      }
    }
  }
  return y;
}
