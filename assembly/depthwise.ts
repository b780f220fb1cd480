// The gradients of a depthwise convolution: x [n, h, w, c], filter [kh, kw, c, m] → y [n, oh, ow, c·m].
// Row and column of a tap: oh·strideRow + kh − top and ow·strideColumn + kw − left.
import { loadPart, mulAdd, storePart } from './simd';

/** dx = Σ over taps and m of dy · filter. A slice is one row of dx. */
export function depthwiseInput_f32(
  dy: usize, filter: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, multiplier: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const dyPixel = pixel * multiplier;
  const dyRow = dyPixel * outWidth;
  for (let slice = begin; slice < end; slice++) {
    const row = dx + (<usize>slice) * pixel * width;
    const h = (slice % height) + top;
    const image = dy + (<usize>(slice / height)) * dyRow * outHeight;
    memory.fill(row, 0, pixel * width);
    for (let kh = 0; kh < kernelRows; kh++) {
      const i = h - kh;
      if (i < 0 || i % strideRow || i / strideRow >= outHeight) continue;
      const from = image + (<usize>(i / strideRow)) * dyRow;
      if (kernelColumns == 3 && strideColumn == 1 && multiplier == 1) {
        const weights = filter + (<usize>(kh * 3)) * pixel;
        for (let w = 0; w < width; w++) {
          addThree(row + (<usize>w) * pixel, from, weights, w + left, outWidth, pixel);
        }
        continue;
      }
      for (let kw = 0; kw < kernelColumns; kw++) {
        const weights = filter + (<usize>(kh * kernelColumns + kw)) * dyPixel;
        for (let j = firstOf(kw, left, strideColumn); j < outWidth; j++) {
          const w = j * strideColumn + kw - left;
          if (w >= width) break;
          const source = from + (<usize>j) * dyPixel;
          const to = row + (<usize>w) * pixel;
          if (multiplier == 1) addProducts(to, source, weights, pixel);
          else addDots(to, source, weights, channels, multiplier);
        }
      }
    }
  }
}

/**
 * sums[n] = Σ over the pixels of image n of x · dy, [kh, kw, c, m] for each image. A slice is one image.
 */
export function depthwiseFilter_f32(
  x: usize, dy: usize, sums: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, multiplier: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const dyPixel = pixel * multiplier;
  const size = dyPixel * kernelRows * kernelColumns;
  const step = pixel * strideColumn;
  for (let n = begin; n < end; n++) {
    let to = sums + (<usize>n) * size;
    memory.fill(to, 0, size);
    for (let kh = 0; kh < kernelRows; kh++) {
      for (let kw = 0; kw < kernelColumns; kw++) {
        const j = firstOf(kw, left, strideColumn);
        const w = j * strideColumn + kw - left;
        const count = min(outWidth - j, (width - w + strideColumn - 1) / strideColumn);
        for (let i = firstOf(kh, top, strideRow); count > 0 && i < outHeight; i++) {
          const h = i * strideRow + kh - top;
          if (h >= height) break;
          const xRow = x + (<usize>((n * height + h) * width + w)) * pixel;
          const dyRow = dy + (<usize>((n * outHeight + i) * outWidth + j)) * dyPixel;
          for (let q: usize = 0; q < <usize>multiplier; q++) {
            lineProducts(to, xRow, dyRow, q * 4, pixel, step, <usize>multiplier, count);
          }
        }
        to += dyPixel;
      }
    }
  }
}

/** The first window for which a tap is inside of the image. */
// @ts-ignore: decorator
@inline
function firstOf(tap: i32, before: i32, stride: i32): i32 {
  return tap < before ? (before - tap + stride - 1) / stride : 0;
}

/** to += a · b. */
// @ts-ignore: decorator
@inline
function addProducts(to: usize, a: usize, b: usize, bytes: usize): void {
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) {
    v128.store(to + c, mulAdd(v128.load(to + c), v128.load(a + c), v128.load(b + c)));
  }
  for (; c < bytes; c += 4) {
    store<f32>(to + c, load<f32>(to + c) + load<f32>(a + c) * load<f32>(b + c));
  }
}

/** to += Σ over three taps of a line of dy · their weights; tap kw meets pixel `last` − kw of the line. */
// @ts-ignore: decorator
@inline
function addThree(
  to: usize, line: usize, weights: usize, last: i32, outWidth: i32, pixel: usize,
): void {
  if (last >= 2 && last < outWidth) {
    let a = line + (<usize>last) * pixel;
    let b = weights;
    const stop = to + pixel;
    for (const vectorEnd = to + (pixel & ~15); to < vectorEnd; to += 16, a += 16, b += 16) {
      threeParts(true, to, a, b, pixel);
    }
    for (; to < stop; to += 4, a += 4, b += 4) threeParts(false, to, a, b, pixel);
  } else {
    for (let kw = 0; kw < 3; kw++) {
      const j = last - kw;
      if (j < 0 || j >= outWidth) continue;
      addProducts(to, line + (<usize>j) * pixel, weights + (<usize>kw) * pixel, pixel);
    }
  }
}

// @ts-ignore: decorator
@inline
function threeParts(whole: bool, to: usize, a: usize, b: usize, pixel: usize): void {
  const a1 = a - pixel;
  const b1 = b + pixel;
  const sum = mulAdd(loadPart(whole, to), loadPart(whole, a), loadPart(whole, b));
  const two = mulAdd(sum, loadPart(whole, a1), loadPart(whole, b1));
  const three = mulAdd(two, loadPart(whole, a1 - pixel), loadPart(whole, b1 + pixel));
  storePart(whole, to, three);
}

/** to[c] += Σ over m of a[c, m] · b[c, m]. */
// @ts-ignore: decorator
@inline
function addDots(to: usize, a: usize, b: usize, channels: i32, multiplier: i32): void {
  const group = (<usize>multiplier) * 4;
  for (let c: usize = 0; c < <usize>channels; c++) {
    let sum: f32 = 0;
    for (let q: usize = c * group; q < (c + 1) * group; q += 4) {
      sum += load<f32>(a + q) * load<f32>(b + q);
    }
    store<f32>(to + c * 4, load<f32>(to + c * 4) + sum);
  }
}

/** to[c, m] += Σ over `count` pixels of a line of x[c] · dy[c, m], for the m at offset `q`. */
// @ts-ignore: decorator
@inline
function lineProducts(
  to: usize, x: usize, dy: usize, q: usize, pixel: usize, step: usize, multiplier: usize, count: i32,
): void {
  const dyPixel = pixel * multiplier;
  let c: usize = 0;
  if (multiplier == 1) {
    for (; c + 16 <= pixel; c += 16) {
      let sum = v128.load(to + c);
      let a = x + c;
      let b = dy + c;
      for (const stop = b + dyPixel * count; b < stop; b += dyPixel, a += step) {
        sum = mulAdd(sum, v128.load(a), v128.load(b));
      }
      v128.store(to + c, sum);
    }
  }
  for (; c < pixel; c += 4) {
    const at = c * multiplier + q;
    let sum = load<f32>(to + at);
    let a = x + c;
    let b = dy + at;
    for (const stop = b + dyPixel * count; b < stop; b += dyPixel, a += step) {
      sum += load<f32>(a) * load<f32>(b);
    }
    store<f32>(to + at, sum);
  }
}
