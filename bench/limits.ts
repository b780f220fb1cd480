import { engineHasFma } from '../src/kernels/runtime/fma.js';
import { compile, FUSED, UNSHARED } from '../tools/assemble.js';

const DEPTH = 256;
const REPEAT = 300;
/** Room for copies of 256 MB. */
const PAGES = 8200;

/** Measures, once, what the machine reaches at this moment. */
export interface Limits {
  /** Floating-point operations per millisecond of a register-tiled product, without fused multiply-add. */
  product(): number;
  /** The same with it, where the engine has it. */
  fusedProduct: (() => number) | undefined;
  /** Bytes read and written per millisecond by a copy that moves `traffic` bytes in all. */
  copy(traffic: number): number;
}

export async function limits(): Promise<Limits> {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: 65536 });
  const build = async (options: string[]) => {
    const binary = await compile('assembly/bench/limits.ts', options);
    const { instance } = await WebAssembly.instantiate(binary, { env: { memory } });
    return instance.exports as Record<'product' | 'copy', (...args: number[]) => void>;
  };
  const run = await build(UNSHARED);
  const fused = engineHasFma() ? await build(FUSED) : undefined;
  const HALF = (PAGES * 65536) / 2;
  const productBy = ({ product }: typeof run) => {
    const start = performance.now();
    product(1024, 16384, 32768, DEPTH, REPEAT);
    return (2 * 40 * DEPTH * REPEAT) / (performance.now() - start);
  };
  const copy = (traffic: number) => {
    const bytes = Math.min(HALF - 65536, Math.max(4096, traffic / 2)) & ~15;
    const repeat = Math.max(1, Math.round(4e6 / bytes));
    const start = performance.now();
    for (let i = 0; i < repeat; i++) run.copy(65536, HALF, bytes);
    return (2 * bytes * repeat) / (performance.now() - start);
  };
  const product = () => productBy(run);
  const fusedProduct = fused && (() => productBy(fused));
  for (let i = 0; i < 5; i++) [product(), fusedProduct?.(), copy(1e6)];
  return { product, fusedProduct, copy };
}
