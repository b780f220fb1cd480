/**
 * y[rows, columns] = a[rows, depth] · b[depth, columns] of integers, modulo 2³². Each operand comes with the
 * distances in bytes from row to row and from column to column. A slice is a row.
 */
export function product_i32(
  a: usize, b: usize, y: usize, columns: i32, depth: i32,
  aRow: usize, aColumn: usize, bRow: usize, bColumn: usize,
  begin: i32, end: i32,
): void {
  let to = y + (<usize>(begin * columns)) * 4;
  for (let i = begin; i < end; i++) {
    for (let j = 0; j < columns; j++, to += 4) {
      let left = a + (<usize>i) * aRow;
      let right = b + (<usize>j) * bColumn;
      let sum = 0;
      for (let k = 0; k < depth; k++, left += aColumn, right += bRow) {
        sum += load<i32>(left) * load<i32>(right);
      }
      store<i32>(to, sum);
    }
  }
}
