// Addresses of a block of output pixels, for the convolutions whose inner loops walk from pixel to pixel.

/**
 * Writes (x address, y address) of `count` pixels, from number `first` on, as pairs of u32, and those of
 * the last pixel `extra` times more, for the ragged end of a tile; returns where the count ends. Pixel
 * (n, i, j) has its window at x + n·xImage + i·xRow + j·xColumn, and its result likewise at y.
 */
export function pixelTable(
  table: usize, first: i32, count: i32, extra: i32,
  x: usize, y: usize, height: i32, width: i32,
  xImage: usize, xRow: usize, xColumn: usize, yImage: usize, yRow: usize, yColumn: usize,
): usize {
  let n = first / (height * width);
  let i = (first / width) % height;
  let j = first % width;
  let entry = table;
  let xAddress = x + (<usize>n) * xImage + (<usize>i) * xRow + (<usize>j) * xColumn;
  let yAddress = y + (<usize>n) * yImage + (<usize>i) * yRow + (<usize>j) * yColumn;
  for (const end = table + (<usize>count) * 8; entry < end; entry += 8) {
    store<u32>(entry, <u32>xAddress);
    store<u32>(entry, <u32>yAddress, 4);
    xAddress += xColumn;
    yAddress += yColumn;
    if (++j == width) {
      j = 0;
      if (++i == height) {
        i = 0;
        n++;
      }
      xAddress = x + (<usize>n) * xImage + (<usize>i) * xRow;
      yAddress = y + (<usize>n) * yImage + (<usize>i) * yRow;
    }
  }
  const last = load<u64>(entry - 8);
  for (let k: usize = 0; k < <usize>extra; k++) store<u64>(entry + k * 8, last);
  return entry;
}
