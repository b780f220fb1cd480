import type { ConvCase } from '../support/convCases.js';

/** Float32 sums of up to a few thousand products of numbers in [−1, 1), relative to the largest. */
export const tolerance = 2e-6;

/** dx[n, h, w, ci] = Σ over kh, kw, co with h = oh·s + kh − top … of dy[n, oh, ow, co] · w[kh, kw, ci, co]. */
export function conv2DBackpropInput(
  dy: ArrayLike<number>,
  filter: ArrayLike<number>,
  { batch, height, width, inChannels, outChannels, kernel, stride, top, left, out }: ConvCase,
): Float64Array {
  const [kernelHeight, kernelWidth] = kernel;
  const [outHeight, outWidth] = out;
  const dx = new Float64Array(batch * height * width * inChannels);
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let ow = 0; ow < outWidth; ow++) {
        for (let kh = 0; kh < kernelHeight; kh++) {
          for (let kw = 0; kw < kernelWidth; kw++) {
            const h = oh * stride[0] + kh - top;
            const w = ow * stride[1] + kw - left;
            if (h < 0 || w < 0 || h >= height || w >= width) continue;
            const dxAt = ((n * height + h) * width + w) * inChannels;
            const dyAt = ((n * outHeight + oh) * outWidth + ow) * outChannels;
            const wAt = (kh * kernelWidth + kw) * inChannels * outChannels;
            for (let ci = 0; ci < inChannels; ci++) {
              for (let co = 0; co < outChannels; co++) {
                dx[dxAt + ci]! += dy[dyAt + co]! * filter[wAt + ci * outChannels + co]!;
              }
            }
          }
        }
      }
    }
  }
  return dx;
}
