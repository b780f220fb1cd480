// The reversal of max pooling, by the places that it took. Windows are those of `maxPool_f32`, and so
// are the arguments; a place is (h·width + w)·channels + c, without the batch.

/**
 * y = Σ over windows of x at the window's place, 0 elsewhere; nothing of a window whose place is not
 * one of its own cells. A slice is one image.
 */
export function maxUnpool_f32(
  x: usize, indices: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const image = pixel * width * height;
  const windows = pixel * outWidth * outHeight;
  for (let n = begin; n < end; n++) {
    const to = y + (<usize>n) * image;
    let from = x + (<usize>n) * windows;
    let place = indices + (<usize>n) * windows;
    memory.fill(to, 0, image);
    for (let i = 0; i < outHeight; i++) {
      const h = i * strideRow - top;
      for (let j = 0; j < outWidth; j++) {
        const w = j * strideColumn - left;
        for (let a = max(0, h); a < min(height, h + kernelRows); a++) {
          for (let b = max(0, w); b < min(width, w + kernelColumns); b++) {
            const cell = (a * width + b) * channels;
            addWhere(from, place, to + (<usize>cell) * 4, cell, pixel);
          }
        }
        from += pixel;
        place += pixel;
      }
    }
  }
}

/** y[c] += x[c] where indices[c] = cell + c. */
// @ts-ignore: decorator
@inline
function addWhere(x: usize, indices: usize, y: usize, cell: i32, bytes: usize): void {
  let wanted = i32x4.add(i32x4.splat(cell), i32x4(0, 1, 2, 3));
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) {
    const found = i32x4.eq(v128.load(indices + c), wanted);
    v128.store(y + c, f32x4.add(v128.load(y + c), v128.and(found, v128.load(x + c))));
    wanted = i32x4.add(wanted, i32x4.splat(4));
  }
  for (; c < bytes; c += 4) {
    if (load<i32>(indices + c) == cell + <i32>(c / 4)) {
      store<f32>(y + c, load<f32>(y + c) + load<f32>(x + c));
    }
  }
}

/**
 * The gradient of `maxUnpool_f32`: dx = dy at the window's place, 0 where that is not one of its own
 * cells. A slice is one row of windows.
 */
export function maxUnpoolGrad_f32(
  dy: usize, indices: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const image = pixel * width * height;
  const outRow = pixel * outWidth;
  for (let slice = begin; slice < end; slice++) {
    const from = dy + (<usize>(slice / outHeight)) * image;
    let to = dx + (<usize>slice) * outRow;
    let place = indices + (<usize>slice) * outRow;
    const h = (slice % outHeight) * strideRow - top;
    memory.fill(to, 0, outRow);
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideColumn - left;
      for (let a = max(0, h); a < min(height, h + kernelRows); a++) {
        for (let b = max(0, w); b < min(width, w + kernelColumns); b++) {
          const cell = (a * width + b) * channels;
          takeWhere(from + (<usize>cell) * 4, place, to, cell, pixel);
        }
      }
      to += pixel;
      place += pixel;
    }
  }
}

/** x[c] = y[c] where indices[c] = cell + c; x must be 0, which it stays elsewhere. */
// @ts-ignore: decorator
@inline
function takeWhere(y: usize, indices: usize, x: usize, cell: i32, bytes: usize): void {
  let wanted = i32x4.add(i32x4.splat(cell), i32x4(0, 1, 2, 3));
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) {
    const found = i32x4.eq(v128.load(indices + c), wanted);
    v128.store(x + c, v128.or(v128.load(x + c), v128.and(found, v128.load(y + c))));
    wanted = i32x4.add(wanted, i32x4.splat(4));
  }
  for (; c < bytes; c += 4) {
    if (load<i32>(indices + c) == cell + <i32>(c / 4)) store<f32>(x + c, load<f32>(y + c));
  }
}
