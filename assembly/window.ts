// Windows of an image whose edges are zeros, without a padded copy of the whole image.

/**
 * The address of size×size pixels of [height, width, pixel bytes] from (row, column) on: in the image
 * where they all lie in it, else in `patch`, where they are gathered, with zeros for what lies outside.
 * A pixel is a multiple of 16 bytes; a patch holds size² of them.
 */
export function windowAt(
  image: usize, height: i32, width: i32, pixel: usize,
  row: i32, column: i32, size: i32, patch: usize,
): usize {
  if (row >= 0 && column >= 0 && row + size <= height && column + size <= width) {
    return image + (<usize>(row * width + column)) * pixel;
  }
  const zero = f32x4.splat(0);
  let to = patch;
  for (let i = row; i < row + size; i++) {
    for (let j = column; j < column + size; j++) {
      const end = to + pixel;
      if (i >= 0 && i < height && j >= 0 && j < width) {
        let from = image + (<usize>(i * width + j)) * pixel;
        for (; to < end; to += 16) {
          v128.store(to, v128.load(from));
          from += 16;
        }
      } else {
        for (; to < end; to += 16) v128.store(to, zero);
      }
    }
  }
  return patch;
}
