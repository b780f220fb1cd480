/** Where {@link Kept} gets its memory. */
interface Allocator {
  allocate(bytes: number): number;
  allocateExactly(bytes: number): number;
  free(address: number): void;
}

/**
 * From so many bytes on, where a block begins makes no difference that can be measured, and that it fits into what
 * was freed does: the memory of ResNet-18 is a fifth smaller.
 */
const LARGE = 8 * 2 ** 20;

/**
 * Blocks that are made of constants, such as packed filters, and live on after the call that made
 * them. A constant is known by its address, and must not move or change meanwhile.
 */
export class Kept {
  /** How often each address was said to be constant. */
  readonly #constants = new Map<number, number>();
  readonly #blocks = new Map<number, Map<string, number>>();

  constructor(private readonly heap: Allocator) {}

  /** Says that what is at an address stays as it is. */
  add(constant: number): void {
    this.#constants.set(constant, (this.#constants.get(constant) ?? 0) + 1);
  }

  /** Takes that back; the last time, what was made of it is freed. */
  remove(constant: number): void {
    const count = this.#constants.get(constant)! - 1;
    if (count > 0) {
      this.#constants.set(constant, count);
      return;
    }
    this.#constants.delete(constant);
    for (const address of this.#blocks.get(constant)?.values() ?? []) this.heap.free(address);
    this.#blocks.delete(constant);
  }

  isConstant(address: number): boolean {
    return this.#constants.has(address);
  }

  /** The block of a kind that is made of a constant; `fill` makes it when it is new. */
  block(constant: number, kind: string, bytes: number, fill: (to: number) => void): number {
    const blocks = this.#blocks.get(constant) ?? new Map<string, number>();
    this.#blocks.set(constant, blocks);
    const known = blocks.get(kind);
    if (known !== undefined) return known;
    const { heap } = this;
    const address = bytes < LARGE ? heap.allocate(bytes) : heap.allocateExactly(bytes);
    blocks.set(kind, address);
    fill(address);
    return address;
  }
}
