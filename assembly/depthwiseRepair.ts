// What XNNPACK makes of NaN in a depthwise convolution, put right: it clamps every sum, and NaN to the
// lower bound.

/** flags[part] = 1 where one of the part's floats is NaN or infinite, else 0. A slice is one part. */
export function notFinite_f32(
  x: usize, flags: usize, floats: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>floats) * 4;
  for (let part = begin; part < end; part++) {
    let at = x + (<usize>part) * bytes;
    const stop = at + bytes;
    // x − x is +0, or NaN.
    let found = f32x4.splat(0);
    for (const last = stop - (bytes & 15); at < last; at += 16) {
      const value = v128.load(at);
      found = v128.or(found, f32x4.sub(value, value));
    }
    for (; at < stop; at += 4) {
      const value = v128.load32_zero(at);
      found = v128.or(found, f32x4.sub(value, value));
    }
    store<i32>(flags + (<usize>part) * 4, <i32>v128.any_true(found));
  }
}

/**
 * y = bias + the depthwise convolution of x, kept within [low, high], NaN stays NaN; for the images n with
 * flags[n], for all with flags[images] or flags[images + 1]. x [n, h, w, c], filter [kh, kw, c, m]. bias
 * may be 0 for none. A slice is one row of y.
 */
export function depthwiseRepair_f32(
  x: usize, filter: usize, bias: usize, y: usize, flags: usize, images: i32,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, multiplier: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  dilationRow: i32, dilationColumn: i32, low: f32, high: f32,
  begin: i32, end: i32,
): void {
  const common = flags + (<usize>images) * 4;
  const all = load<i32>(common) | load<i32>(common, 4);
  const outChannels = channels * multiplier;
  for (let slice = begin; slice < end; slice++) {
    const n = slice / outHeight;
    if (!(all | load<i32>(flags + (<usize>n) * 4))) continue;
    const h = (slice % outHeight) * strideRow - top;
    const to = y + (<usize>(slice * outWidth * outChannels)) * 4;
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideColumn - left;
      for (let c = 0; c < outChannels; c++) {
        let sum: f32 = bias ? load<f32>(bias + (<usize>c) * 4) : 0;
        for (let a = 0; a < kernelRows; a++) {
          const row = h + a * dilationRow;
          if (row < 0 || row >= height) continue;
          for (let b = 0; b < kernelColumns; b++) {
            const column = w + b * dilationColumn;
            if (column < 0 || column >= width) continue;
            const place = ((n * height + row) * width + column) * channels + c / multiplier;
            const tap = (a * kernelColumns + b) * outChannels + c;
            sum += load<f32>(x + (<usize>place) * 4) * load<f32>(filter + (<usize>tap) * 4);
          }
        }
        const above = sum < low ? low : sum;
        store<f32>(to + (<usize>(j * outChannels + c)) * 4, above > high ? high : above);
      }
    }
  }
}
