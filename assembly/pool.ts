// Pooling of [n, h, w, c] over windows, and its gradients.
//
// Window (oh, ow) has its first cell at row oh·strideRow − top and column ow·strideColumn − left; of
// its kernelRows × kernelColumns cells, those outside of the image do not count. An empty window gives
// the identity of its operation: −∞, or 0.

/**
 * y = the maximum of each window; NaN where one of its cells is NaN. Where `indices` is not 0, the
 * place of the first cell that holds it: (h·width + w)·channels + c, and n·height·width·channels more
 * when `withBatch`; among NaN, the first; 0 of an empty window. A slice is one row of windows.
 */
export function maxPool_f32(
  x: usize, y: usize, indices: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32,
  top: i32, left: i32, withBatch: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width;
  const outRow = pixel * outWidth;
  for (let slice = begin; slice < end; slice++) {
    const n = slice / outHeight;
    const h = (slice % outHeight) * strideRow - top;
    const h0 = max(0, h);
    const windowRows = min(height, h + kernelRows) - h0;
    const image = x + (<usize>n) * row * height;
    const base = withBatch ? n * height * width * channels : 0;
    let to = y + (<usize>slice) * outRow;
    let place = indices + (<usize>slice) * outRow;
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideColumn - left;
      const w0 = max(0, w);
      const columns = max(0, min(width, w + kernelColumns) - w0);
      const rows = columns > 0 ? max(0, windowRows) : 0;
      const first = h0 * width + w0;
      const from = image + (<usize>first) * pixel;
      if (indices) {
        const index = base + first * channels;
        argmaxWindow(from, to, place, index, channels, rows, columns, row, pixel);
      } else {
        maxWindow(from, to, channels, rows, columns, row, pixel);
      }
      to += pixel;
      place += pixel;
    }
  }
}

// @ts-ignore: decorator
@inline
function maxWindow(
  from: usize, to: usize, channels: i32, rows: i32, columns: i32, row: usize, column: usize,
): void {
  const bytes = (<usize>channels) * 4;
  const windowEnd = row * rows;
  const rowEnd = column * columns;
  if (columns == 3) maxCells(3, from, to, bytes, windowEnd, 0, row, column);
  else if (columns == 2) maxCells(2, from, to, bytes, windowEnd, 0, row, column);
  else maxCells(0, from, to, bytes, windowEnd, rowEnd, row, column);
  for (let c = bytes & ~15; c < bytes; c += 4) {
    let most: f32 = -Infinity;
    for (let i: usize = 0; i < windowEnd; i += row) {
      let at = from + c + i;
      for (const stop = at + rowEnd; at < stop; at += column) most = max<f32>(most, load<f32>(at));
    }
    store<f32>(to + c, most);
  }
}

/**
 * `columns` is the number of cells in a row where it is known, else 0 and `rowEnd` their bytes.
 * f32x4.max is seven instructions; pmax, which forgets NaN, and a mask of NaN are three.
 */
// @ts-ignore: decorator
@inline
function maxCells(
  columns: i32, from: usize, to: usize,
  bytes: usize, windowEnd: usize, rowEnd: usize, row: usize, column: usize,
): void {
  for (let c: usize = 0; c + 16 <= bytes; c += 16) {
    let most = f32x4.splat(-Infinity);
    let nan = i32x4.splat(0);
    let at = from + c;
    for (const stop = at + windowEnd; at < stop; at += row) {
      if (columns) {
        const first = v128.load(at);
        const second = v128.load(at + column);
        most = f32x4.pmax(f32x4.pmax(most, first), second);
        nan = v128.or(nan, v128.or(f32x4.ne(first, first), f32x4.ne(second, second)));
        if (columns == 3) {
          const third = v128.load(at + column * 2);
          most = f32x4.pmax(most, third);
          nan = v128.or(nan, f32x4.ne(third, third));
        }
      } else {
        for (let k: usize = 0; k < rowEnd; k += column) {
          const value = v128.load(at + k);
          most = f32x4.pmax(most, value);
          nan = v128.or(nan, f32x4.ne(value, value));
        }
      }
    }
    v128.store(to + c, v128.or(most, nan));
  }
}

// @ts-ignore: decorator
@inline
function argmaxWindow(
  from: usize, to: usize, place: usize, first: i32, channels: i32,
  rows: i32, columns: i32, row: usize, column: usize,
): void {
  const rowEnd = column * columns;
  const windowEnd = row * rows;
  const bytes = (<usize>channels) * 4;
  if (!windowEnd) {
    for (let c: usize = 0; c < bytes; c += 4) {
      store<f32>(to + c, -Infinity);
      store<i32>(place + c, 0);
    }
    return;
  }
  let c: usize = 0;
  for (; c + 16 <= bytes; c += 16) {
    let most = v128.load(from + c);
    let where = i32x4.splat(0);
    for (let i: usize = 0; i < windowEnd; i += row) {
      for (let j: usize = 0; j < rowEnd; j += column) {
        const value = v128.load(from + c + i + j);
        const numbers = f32x4.eq(most, most);
        const taken = v128.and(numbers, v128.not(f32x4.le(value, most)));
        most = v128.bitselect(value, most, taken);
        where = v128.bitselect(i32x4.splat(<i32>((i + j) / 4)), where, taken);
      }
    }
    v128.store(to + c, most);
    const own = i32x4.add(i32x4.splat(first + <i32>(c / 4)), i32x4(0, 1, 2, 3));
    v128.store(place + c, i32x4.add(where, own));
  }
  for (; c < bytes; c += 4) {
    let most = load<f32>(from + c);
    let where: usize = 0;
    for (let i: usize = 0; i < windowEnd; i += row) {
      for (let j: usize = 0; j < rowEnd; j += column) {
        const value = load<f32>(from + c + i + j);
        if (most == most && !(value <= most)) {
          most = value;
          where = i + j;
        }
      }
    }
    store<f32>(to + c, most);
    store<i32>(place + c, first + <i32>((where + c) / 4));
  }
}

/**
 * The gradient of `maxPool_f32`: dx = Σ over windows of dy at the window's first cell that is not
 * less than its maximum y. A slice is one image.
 */
export function maxPoolGrad_f32(
  x: usize, y: usize, dy: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width;
  const image = row * height;
  const outImage = pixel * outWidth * outHeight;
  for (let n = begin; n < end; n++) {
    const xImage = x + (<usize>n) * image;
    const dxImage = dx + (<usize>n) * image;
    let yPixel = y + (<usize>n) * outImage;
    let dyPixel = dy + (<usize>n) * outImage;
    memory.fill(dxImage, 0, image);
    for (let i = 0; i < outHeight; i++) {
      const h = i * strideRow - top;
      const h0 = max(0, h);
      const rows = min(height, h + kernelRows) - h0;
      for (let j = 0; j < outWidth; j++) {
        const w = j * strideColumn - left;
        const w0 = max(0, w);
        const columns = min(width, w + kernelColumns) - w0;
        if (rows > 0 && columns > 0) {
          const first = (<usize>(h0 * width + w0)) * pixel;
          const from = xImage + first;
          const to = dxImage + first;
          const windowEnd = row * rows;
          if (columns == 3) {
            scatter(3, from, to, yPixel, dyPixel, pixel, windowEnd, 0, row);
          } else if (columns == 2) {
            scatter(2, from, to, yPixel, dyPixel, pixel, windowEnd, 0, row);
          } else {
            scatter(0, from, to, yPixel, dyPixel, pixel, windowEnd, pixel * columns, row);
          }
        }
        yPixel += pixel;
        dyPixel += pixel;
      }
    }
  }
}

/** `columns` is the number of cells in a row where it is known, else 0 and `rowEnd` their bytes. */
// @ts-ignore: decorator
@inline
function scatter(
  columns: i32, from: usize, to: usize, y: usize, dy: usize,
  pixel: usize, windowEnd: usize, rowEnd: usize, row: usize,
): void {
  let c: usize = 0;
  for (; c + 16 <= pixel; c += 16) {
    const most = v128.load(y + c);
    let left = v128.load(dy + c);
    let a = from + c;
    let b = to + c;
    for (const stop = a + windowEnd; a < stop; a += row, b += row) {
      if (columns) {
        left = claim(a, b, most, left);
        left = claim(a + pixel, b + pixel, most, left);
        if (columns == 3) left = claim(a + pixel * 2, b + pixel * 2, most, left);
      } else {
        for (let k: usize = 0; k < rowEnd; k += pixel) left = claim(a + k, b + k, most, left);
      }
    }
  }
  const bytes = columns ? pixel * columns : rowEnd;
  for (; c < pixel; c += 4) {
    const most = load<f32>(y + c);
    let claimed = false;
    for (let i = c; !claimed && i < windowEnd; i += row) {
      for (let at = i; at < i + bytes; at += pixel) {
        if (!(load<f32>(from + at) < most)) {
          store<f32>(to + at, load<f32>(to + at) + load<f32>(dy + c));
          claimed = true;
          break;
        }
      }
    }
  }
}

/** Adds what is left of dy where the cell is not less than the maximum, and returns the rest of it. */
// @ts-ignore: decorator
@inline
function claim(x: usize, dx: usize, most: v128, left: v128): v128 {
  const less = f32x4.lt(v128.load(x), most);
  v128.store(dx, f32x4.add(v128.load(dx), v128.andnot(left, less)));
  return v128.and(left, less);
}

/** y = the mean of each window's cells inside of the image. A slice is one row of windows. */
export function avgPool_f32(
  x: usize, y: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const row = pixel * width;
  const outRow = pixel * outWidth;
  for (let slice = begin; slice < end; slice++) {
    const image = x + (<usize>(slice / outHeight)) * row * height;
    const h = (slice % outHeight) * strideRow - top;
    const h0 = max(0, h);
    const rows = max(0, min(height, h + kernelRows) - h0);
    let to = y + (<usize>slice) * outRow;
    for (let j = 0; j < outWidth; j++) {
      const w = j * strideColumn - left;
      const w0 = max(0, w);
      const columns = max(0, min(width, w + kernelColumns) - w0);
      const share: f32 = 1 / <f32>max(1, rows * columns);
      const from = image + (<usize>(h0 * width + w0)) * pixel;
      const windowEnd = row * rows;
      const rowEnd = pixel * columns;
      if (columns == 3) meanCells(3, from, to, pixel, windowEnd, 0, row, share);
      else if (columns == 2) meanCells(2, from, to, pixel, windowEnd, 0, row, share);
      else meanCells(0, from, to, pixel, windowEnd, rowEnd, row, share);
      for (let c = pixel & ~15; c < pixel; c += 4) {
        let sum: f32 = 0;
        for (let i: usize = 0; i < windowEnd; i += row) {
          let at = from + c + i;
          for (const stop = at + rowEnd; at < stop; at += pixel) sum += load<f32>(at);
        }
        store<f32>(to + c, sum * share);
      }
      to += pixel;
    }
  }
}

/** `columns` and `rowEnd` as for `maxCells`. */
// @ts-ignore: decorator
@inline
function meanCells(
  columns: i32, from: usize, to: usize,
  pixel: usize, windowEnd: usize, rowEnd: usize, row: usize, share: f32,
): void {
  const shares = f32x4.splat(share);
  for (let c: usize = 0; c + 16 <= pixel; c += 16) {
    let sum = f32x4.splat(0);
    let at = from + c;
    for (const stop = at + windowEnd; at < stop; at += row) {
      if (columns) {
        let cells = f32x4.add(v128.load(at), v128.load(at + pixel));
        if (columns == 3) cells = f32x4.add(cells, v128.load(at + pixel * 2));
        sum = f32x4.add(sum, cells);
      } else {
        for (let k: usize = 0; k < rowEnd; k += pixel) sum = f32x4.add(sum, v128.load(at + k));
      }
    }
    v128.store(to + c, f32x4.mul(sum, shares));
  }
}

/**
 * The gradient of `avgPool_f32`: dx = Σ over the windows of a cell of dy / the number of the window's
 * cells inside of the image. A slice is one row of cells.
 */
export function avgPoolGrad_f32(
  dy: usize, dx: usize,
  height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelRows: i32, kernelColumns: i32, strideRow: i32, strideColumn: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const pixel = (<usize>channels) * 4;
  const outRow = pixel * outWidth;
  for (let slice = begin; slice < end; slice++) {
    const image = dy + (<usize>(slice / height)) * outRow * outHeight;
    const h = (slice % height) + top;
    const firstRow = max(0, (h - kernelRows + strideRow) / strideRow);
    const lastRow = min(outHeight - 1, h / strideRow);
    const to = dx + (<usize>slice) * pixel * width;
    memory.fill(to, 0, pixel * width);
    for (let i = firstRow; i <= lastRow; i++) {
      const start = i * strideRow - top;
      const rows = min(height, start + kernelRows) - max(0, start);
      for (let j = 0; j < outWidth; j++) {
        const w = j * strideColumn - left;
        const w0 = max(0, w);
        const columns = min(width, w + kernelColumns) - w0;
        if (columns <= 0) continue;
        const share: f32 = 1 / <f32>(rows * columns);
        const from = image + (<usize>(i * outWidth + j)) * pixel;
        const cell = to + (<usize>w0) * pixel;
        const rowEnd = pixel * columns;
        if (columns == 3) share3(from, cell, pixel, share);
        else if (columns == 2) share2(from, cell, pixel, share);
        else {
          const shares = f32x4.splat(share);
          for (let c: usize = 0; c + 16 <= pixel; c += 16) {
            const part = f32x4.mul(v128.load(from + c), shares);
            let at = cell + c;
            for (const stop = at + rowEnd; at < stop; at += pixel) addTo(at, part);
          }
        }
        for (let c = pixel & ~15; c < pixel; c += 4) {
          const part = load<f32>(from + c) * share;
          let at = cell + c;
          for (const stop = at + rowEnd; at < stop; at += pixel) {
            store<f32>(at, load<f32>(at) + part);
          }
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function share3(from: usize, cell: usize, pixel: usize, share: f32): void {
  const shares = f32x4.splat(share);
  for (const last = from + (pixel & ~15); from < last; from += 16, cell += 16) {
    const part = f32x4.mul(v128.load(from), shares);
    const second = cell + pixel;
    addTo(cell, part);
    addTo(second, part);
    addTo(second + pixel, part);
  }
}

// @ts-ignore: decorator
@inline
function share2(from: usize, cell: usize, pixel: usize, share: f32): void {
  const shares = f32x4.splat(share);
  for (const last = from + (pixel & ~15); from < last; from += 16, cell += 16) {
    const part = f32x4.mul(v128.load(from), shares);
    addTo(cell, part);
    addTo(cell + pixel, part);
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, part: v128): void {
  v128.store(at, f32x4.add(v128.load(at), part));
}
