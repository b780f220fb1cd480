// Packing: operands are copied once into the order in which the inner loops read them.
import { copyPadded8, transpose4x4 } from './simd';

/**
 * Blocks of rows as panels of `wide` columns, 8 or 16: [groups, rows, columns] →
 * [⌈columns/wide⌉, groups, rows, wide], padded with zeros. `group` is the distance of two groups in bytes. A
 * slice is one panel. One group packs a matrix, such as a convolution's filter [kh·kw·ci, co].
 */
export function packPanels_f32(
  from: usize, to: usize, groups: i32, rows: i32, columns: i32, group: usize, wide: i32,
  begin: i32, end: i32,
): void {
  const row = (<usize>columns) * 4;
  const bytes = (<usize>wide) * 4;
  let target = to + (<usize>(begin * groups * rows)) * bytes;
  for (let panel = begin; panel < end; panel++) {
    const count = columns - panel * wide;
    for (let g = 0; g < groups; g++) {
      let source = from + (<usize>g) * group + (<usize>panel) * bytes;
      const stop = target + (<usize>rows) * bytes;
      if (count >= wide) {
        for (; target < stop; source += row) {
          for (let c: usize = 0; c < bytes; c += 32, target += 32) {
            v128.store(target, v128.load(source + c));
            v128.store(target, v128.load(source + c, 16), 16);
          }
        }
      } else {
        for (; target < stop; source += row) {
          for (let c = 0; c < wide; c += 8, target += 32) {
            copyPadded8(source + (<usize>c) * 4, count - c, target);
          }
        }
      }
    }
  }
}

/**
 * The filter of an input gradient's phase: taps (kh, kw) with kh = firstRow, firstRow − strideRow, …
 * and kw likewise, of [kh, kw, ci, co], as panels of `wide` input channels, 8 or 16:
 * [⌈ci/wide⌉, taps, co, wide]. A slice is one panel.
 */
export function packTaps_f32(
  from: usize, to: usize,
  kernelWidth: i32, inChannels: i32, outChannels: i32,
  firstRow: i32, firstColumn: i32, strideRow: i32, strideColumn: i32, wide: i32,
  begin: i32, end: i32,
): void {
  const row = (<usize>outChannels) * 4;
  const bytes = (<usize>wide) * 4;
  const taps = (firstRow / strideRow + 1) * (firstColumn / strideColumn + 1);
  let target = to + (<usize>(begin * taps * outChannels)) * bytes;
  for (let panel = begin; panel < end; panel++) {
    const count = min(wide, inChannels - panel * wide);
    for (let kh = firstRow; kh >= 0; kh -= strideRow) {
      for (let kw = firstColumn; kw >= 0; kw -= strideColumn) {
        let source = from + (<usize>((kh * kernelWidth + kw) * inChannels + panel * wide)) * row;
        let co = 0;
        if (count == wide) {
          for (; co + 4 <= outChannels; co += 4) {
            for (let c = 0; c < wide; c += 4) {
              transpose4x4(source + row * c, row, target + (<usize>c) * 4, bytes);
            }
            source += 16;
            target += bytes * 4;
          }
        }
        for (; co < outChannels; co++) {
          for (let j = 0; j < wide; j++) {
            const value = j < count ? load<f32>(source + (<usize>j) * row) : 0;
            store<f32>(target + (<usize>j) * 4, value);
          }
          source += 4;
          target += bytes;
        }
      }
    }
  }
}

/**
 * Strips of 4 neighbouring floats of a convolution's windows, for `count` strips from `first` on and each of
 * `phases` row phases: [strip, phase, image, row, column, 4]. A phase's rows are `strideRow` rows of x[n, h, w, c]
 * apart, and begin at `top` + its number; windows begin `left` columns before x. What is outside of a row is
 * zero, what is after a window but in the row may be anything.
 */
export function packStrips(
  x: usize, to: usize,
  images: i32, rows: i32, columns: i32, height: i32, width: i32, channels: i32,
  top: i32, left: i32, strideRow: i32, strideColumn: i32, phases: i32, first: i32, count: i32,
): void {
  const zero = f32x4.splat(0);
  const row = (<usize>(width * channels)) * 4;
  const step = strideColumn * channels;
  const stepBytes = (<usize>step) * 4;
  for (let strip = first; strip < first + count; strip++) {
    // Floats from a row's beginning to the first window's, and the windows that are whole in the row.
    const start = strip * 4 - left * channels;
    const whole = min(columns, max(0, (step - 1 - start) / step));
    const wholeEnd = max(whole, min(columns, (width * channels - 4 - start + step) / step));
    for (let phase = 0; phase < phases; phase++) {
      for (let n = 0; n < images; n++) {
        for (let r = 0; r < rows; r++) {
          const h = top + r * strideRow + phase;
          const stop = to + (<usize>columns) * 16;
          if (h < 0 || h >= height) {
            for (; to < stop; to += 16) v128.store(to, zero);
            continue;
          }
          const line = x + row * (n * height + h);
          for (let j = 0; j < whole; j++, to += 16) {
            copyInside4(line, start + j * step, width * channels, to);
          }
          let from = line + (<usize>(start + whole * step)) * 4;
          for (const wholeStop = to + (<usize>(wholeEnd - whole)) * 16; to < wholeStop; to += 16) {
            v128.store(to, v128.load(from));
            from += stepBytes;
          }
          for (let j = wholeEnd; j < columns; j++, to += 16) {
            copyInside4(line, start + j * step, width * channels, to);
          }
        }
      }
    }
  }
}

/** The 4 floats of a line of `count` from `at` on, with zeros for what lies outside of it. */
function copyInside4(line: usize, at: i32, count: i32, to: usize): void {
  v128.store(to, f32x4.splat(0));
  if (at + 4 <= 0 || at >= count) return;
  for (let j = max(0, -at); j < min(4, count - at); j++) {
    store<f32>(to + (<usize>j) * 4, load<f32>(line + (<usize>(at + j)) * 4));
  }
}

/** [rows, columns] → [columns, rows]. A slice is 4 columns. */
export function transpose_f32(
  from: usize, to: usize, rows: i32, columns: i32, begin: i32, end: i32,
): void {
  const fromRow = (<usize>columns) * 4;
  const toRow = (<usize>rows) * 4;
  for (let slice = begin; slice < end; slice++) {
    const column = slice * 4;
    let source = from + (<usize>column) * 4;
    let target = to + (<usize>column) * toRow;
    let row = 0;
    if (column + 4 <= columns) {
      for (; row + 4 <= rows; row += 4) {
        transpose4x4(source, fromRow, target, toRow);
        source += fromRow * 4;
        target += 16;
      }
    }
    const count = min(4, columns - column);
    for (; row < rows; row++) {
      for (let j = 0; j < count; j++) {
        store<f32>(target + (<usize>j) * toRow, load<f32>(source + (<usize>j) * 4));
      }
      source += fromRow;
      target += 4;
    }
  }
}
