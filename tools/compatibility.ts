/** What is used of a file's entry in vitest's results. */
export interface FileResults {
  name: string;
  assertionResults: { ancestorTitles: string[]; status: string }[];
}

/** The columns by what `onEveryBackend` calls them. */
const COLUMNS = {
  'on cpu in Node': 'CPU, Node',
  'on wasm in Node': 'WASM, Node',
  'on wasm in Chromium': 'WASM with threads, Chromium',
  'on webgl in Chromium': 'WebGL, Chromium',
  'on webgpu in Chromium': 'WebGPU, Chromium',
  'on webgpu in Node': 'WebGPU, Node',
};

/** What the suites test whose files aren't named after a layer. */
const FEATURES: Record<string, string> = {
  'blocks/blocks': '`Bottleneck`, `BasicBlock`',
  'inference/fuse': '`fuse`',
  'kernels/gradients': "tfjs's own gradients, put right",
  'norm/golden': '`BatchNorm` against Keras, tf-slim and torch',
  'summary/tensors': 'summaries for TensorBoard',
  'train/trainStep': '`trainStep`',
  'upsample/MaxPoolWithArgmax2D': '`MaxPoolWithArgmax2D`, `MaxUnpool2D`',
  'upsample/PixelShuffle2D': '`PixelShuffle2D`, `PixelUnshuffle2D`',
};

/**
 * Which layer suite passed on which backend, as a Markdown table; undefined when the run lacked a backend, as
 * it does without Chromium.
 */
export function compatibility(files: FileResults[]): string | undefined {
  const cells = new Map<string, Map<string, string>>();
  for (const { name, assertionResults } of files) {
    const suite = /tests\/(\w+\/\w+)\.backends\.test\.ts$/.exec(name.replaceAll('\\', '/'))?.[1];
    if (!suite) continue;
    const row = cells.get(suite) ?? new Map<string, string>();
    cells.set(suite, row);
    for (const { ancestorTitles, status } of assertionResults) {
      const column = ancestorTitles[0] ?? '';
      const failed = row.get(column) === '✗' || status !== 'passed';
      if (column in COLUMNS) row.set(column, failed ? '✗' : '✓');
    }
  }
  const ran = new Set([...cells.values()].flatMap((row) => [...row.keys()]));
  if (Object.keys(COLUMNS).some((column) => !ran.has(column))) return undefined;
  const rows = [...cells].sort().map(([suite, row]) => {
    const feature = FEATURES[suite] ?? `\`${suite.split('/')[1]}\``;
    return [feature, ...Object.keys(COLUMNS).map((column) => row.get(column) ?? '–')];
  });
  const header = ['', ...Object.values(COLUMNS)];
  return [header, header.map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |\n`)
    .join('');
}

/** The page with another table. */
export function withTable(page: string, table: string): string {
  return page.replace(/^\|.*\|\n(?:^\|.*\|\n)*/m, () => table);
}
