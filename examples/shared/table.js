// @ts-check

/**
 * Prints a table: the first column to the left, the others, of numbers, to the right.
 *
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
export function printTable(head, rows) {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const rule = widths.map((width) => '─'.repeat(width));
  console.log();
  for (const line of [lines[0], rule, ...lines.slice(1)]) {
    const cells = line.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    );
    console.log(cells.join('  ').trimEnd());
  }
}
