// Moving words of 32 bits: strided copies, repetitions, transpositions. What the bits mean plays no role.
import { transpose4x4 } from './simd';

/** Words from which on `memory.copy`, a call out of WebAssembly, is faster than a loop. */
const LONG = 128;

/**
 * Copies runs of `run` words: run (i0, i1, i2, i3) of [runs/(d1·d2·d3), d1, d2, d3] from `from` + Σ
 * iₖ·fromₖ to `to` + Σ iₖ·toₖ. The eight distances are in bytes and may be negative.
 * A slice is `sliceRuns` runs, counted with i3 the fastest.
 */
export function copy_32(
  from: usize, to: usize,
  d1: i32, d2: i32, d3: i32,
  from0: i32, from1: i32, from2: i32, from3: i32, to0: i32, to1: i32, to2: i32, to3: i32,
  run: i32, runs: i32, sliceRuns: i32,
  begin: i32, end: i32,
): void {
  let left = min(end * sliceRuns, runs) - begin * sliceRuns;
  let index = begin * sliceRuns;
  let i3 = index % d3;
  index /= d3;
  let i2 = index % d2;
  index /= d2;
  let i1 = index % d1;
  let i0 = index / d1;
  while (left > 0) {
    const count = min(d3 - i3, left);
    copyRuns(
      from + i0 * from0 + i1 * from1 + i2 * from2 + i3 * from3,
      to + i0 * to0 + i1 * to1 + i2 * to2 + i3 * to3,
      from3, to3, run, count,
    );
    left -= count;
    i3 = 0;
    if (++i2 == d2) {
      i2 = 0;
      if (++i1 == d1) {
        i1 = 0;
        i0++;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRuns(from: usize, to: usize, fromStep: i32, toStep: i32, run: i32, count: i32): void {
  if (run == 1) {
    for (; count > 0; count--) {
      store<u32>(to, load<u32>(from));
      from += fromStep;
      to += toStep;
    }
  } else if (run >= LONG) {
    const bytes = (<usize>run) * 4;
    for (; count > 0; count--) {
      memory.copy(to, from, bytes);
      from += fromStep;
      to += toStep;
    }
  } else if (run == 8) {
    for (; count > 0; count--) {
      const low = v128.load(from);
      const high = v128.load(from, 16);
      v128.store(to, low);
      v128.store(to, high, 16);
      from += fromStep;
      to += toStep;
    }
  } else if (!(run & 15)) {
    const bytes = (<usize>run) * 4;
    for (; count > 0; count--) {
      let a = from;
      let b = to;
      for (const stop = a + bytes; a < stop; a += 64, b += 64) {
        v128.store(b, v128.load(a));
        v128.store(b, v128.load(a, 16), 16);
        v128.store(b, v128.load(a, 32), 32);
        v128.store(b, v128.load(a, 48), 48);
      }
      from += fromStep;
      to += toStep;
    }
  } else {
    const vectors = (<usize>(run & ~3)) * 4;
    const bytes = (<usize>run) * 4;
    for (; count > 0; count--) {
      let at: usize = 0;
      for (; at < vectors; at += 16) v128.store(to + at, v128.load(from + at));
      for (; at < bytes; at += 4) store<u32>(to + at, load<u32>(from + at));
      from += fromStep;
      to += toStep;
    }
  }
}

/**
 * to[o, r] = from[o] for runs of `run` words and r < reps. A slice is `sliceReps` repetitions of one o.
 */
export function repeat_32(
  from: usize, to: usize, run: i32, reps: i32, sliceReps: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>run) * 4;
  const parts = (reps + sliceReps - 1) / sliceReps;
  let part = begin % parts;
  let source = from + (<usize>(begin / parts)) * bytes;
  let target = to + (<usize>(begin / parts) * reps + <usize>(part * sliceReps)) * bytes;
  for (let slice = begin; slice < end; slice++) {
    const count = min(sliceReps, reps - part * sliceReps);
    const stop = target + bytes * count;
    if (run == 1) {
      const vector = v128.load32_splat(source);
      for (const last = stop - 16; target <= last; target += 16) v128.store(target, vector);
      for (; target < stop; target += 4) v128.store_lane<u32>(target, vector, 0);
    } else {
      repeat(source, target, bytes, stop);
      target = stop;
    }
    if (++part == parts) {
      part = 0;
      source += bytes;
    }
  }
}

/** Copies one run, then what is copied, twice as much each time, up to what the cache holds. */
// @ts-ignore: decorator
@inline
function repeat(source: usize, target: usize, bytes: usize, stop: usize): void {
  let at = target;
  const short = min(target + max(bytes, 512 - (512 % bytes)), stop);
  if (bytes < <usize>LONG * 4) {
    while (at < short) {
      let k: usize = 0;
      for (; k + 16 <= bytes; k += 16) v128.store(at + k, v128.load(source + k));
      for (; k < bytes; k += 4) store<u32>(at + k, load<u32>(source + k));
      at += bytes;
    }
  } else {
    memory.copy(at, source, bytes);
    at += bytes;
  }
  const most = max(bytes, 32768 - (32768 % bytes));
  while (at < stop) {
    const size = min(min(at - target, most), stop - at);
    memory.copy(at, target, size);
    at += size;
  }
}

/** Columns of a block. */
const WIDE = 64;

/**
 * Transposes matrices: element (r, c) of matrix (i0, i1, i2) goes from `from` + Σ iₖ·fromₖ + r·fromRow
 * + c·4 to `to` + Σ iₖ·toₖ + c·toColumn + r·4. There are [·, d1, d2] matrices of `rows` rows.
 * With more `groups` than one, of equally many of up to 64 columns in all, column c of group g goes to
 * c·toColumn + g·toGroup. Distances are in bytes. scratch: 8192 bytes. A slice is 32 rows of one matrix.
 *
 * It goes by way of a block of 64 columns in scratch, so that each line of the cache is read and written at
 * once: rows or columns that lie a power of two apart would throw each other out.
 */
export function transpose_32(
  from: usize, to: usize, d1: i32, d2: i32,
  from0: usize, from1: usize, from2: usize, to0: usize, to1: usize, to2: usize,
  rows: i32, columns: i32, groups: i32, fromRow: usize, toColumn: usize, toGroup: usize,
  scratch: usize, begin: i32, end: i32,
): void {
  const blocks = (rows + 31) / 32;
  for (let slice = begin; slice < end; slice++) {
    const block = slice % blocks;
    const matrix = slice / blocks;
    const i2 = <usize>(matrix % d2);
    const i1 = <usize>((matrix / d2) % d1);
    const i0 = <usize>(matrix / d2 / d1);
    const first = <usize>(block * 32);
    const source = from + i0 * from0 + i1 * from1 + i2 * from2 + first * fromRow;
    const target = to + i0 * to0 + i1 * to1 + i2 * to2 + first * 4;
    const count = min(32, rows - block * 32);
    for (let c = 0; c < columns; c += WIDE) {
      const wide = min(WIDE, columns - c);
      gatherBlock(source + (<usize>c) * 4, fromRow, scratch, count, wide);
      const group = (<usize>(wide / groups)) * 128;
      for (let first = scratch; first < scratch + group; first += 128) {
        let line = first;
        let place = target + ((<usize>c) + (first - scratch) / 128) * toColumn;
        for (let g = groups; g > 0; g--, line += group, place += toGroup) {
          putLine(line, place, count);
        }
      }
    }
  }
}

/** Writes up to 32 words. */
// @ts-ignore: decorator
@inline
function putLine(line: usize, place: usize, count: i32): void {
  if (count == 32) {
    for (let k: usize = 0; k < 128; k += 64) {
      v128.store(place + k, v128.load(line + k));
      v128.store(place + k, v128.load(line + k, 16), 16);
      v128.store(place + k, v128.load(line + k, 32), 32);
      v128.store(place + k, v128.load(line + k, 48), 48);
    }
    return;
  }
  const bytes = (<usize>count) * 4;
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) v128.store(place + k, v128.load(line + k));
  for (; k < bytes; k += 4) store<u32>(place + k, load<u32>(line + k));
}

/** Up to 32 rows of up to 64 words → columns of 32 words. */
// @ts-ignore: decorator
@inline
function gatherBlock(from: usize, fromRow: usize, to: usize, rows: i32, columns: i32): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let a = from;
    let b = to;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      transpose4x4(a, fromRow, b, 128);
      a += 16;
      b += 512;
    }
    for (; c < columns; c++) {
      for (let k: usize = 0; k < 4; k++) store<u32>(b + k * 4, load<u32>(a + k * fromRow));
      a += 4;
      b += 128;
    }
    from += fromRow * 4;
    to += 16;
  }
  for (; r < rows; r++) {
    let b = to;
    for (let a = from; a < from + (<usize>columns) * 4; a += 4) {
      store<u32>(b, load<u32>(a));
      b += 128;
    }
    from += fromRow;
    to += 4;
  }
}
