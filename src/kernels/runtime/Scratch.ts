import type { Arena } from './Arena.js';

const ALIGNMENT = 64;

/** Memory for the time of one call: from an arena while there is one, as far as that reaches. */
export class Scratch {
  private arena: Arena | null = null;

  constructor(
    /** Gives memory that begins on a cache line. */
    private readonly allocate: (bytes: number) => number,
    private readonly free: (address: number) => void,
  ) {}

  /**
   * Lends blocks of the given sizes in bytes for the time of one call; they are freed when it ends,
   * also when it throws. Each block starts on a cache line.
   */
  use<T>(bytes: number[], work: (addresses: number[]) => T): T {
    const { arena } = this;
    const aligned = bytes.map((n) => Math.ceil(n / ALIGNMENT) * ALIGNMENT);
    const total = aligned.reduce((sum, n) => sum + n, 0);
    const lent = arena?.take(total) ?? null;
    const block = lent ?? this.allocate(total);
    try {
      let next = block;
      return work(
        aligned.map((n) => {
          const address = next;
          next += n;
          return address;
        }),
      );
    } finally {
      arena?.give(total);
      if (lent === null) this.free(block);
    }
  }

  /** Runs `work`, during which an arena lends. */
  from<T>(arena: Arena, work: () => T): T {
    const outer = this.arena;
    this.arena = arena;
    try {
      return work();
    } finally {
      this.arena = outer;
    }
  }

  /** A call to be made again while as much of the arena is lent as now. */
  around(call: () => void): () => void {
    const { arena } = this;
    const used = arena?.used ?? 0;
    return () => {
      arena?.take(used);
      try {
        call();
      } finally {
        arena?.give(used);
      }
    };
  }
}
