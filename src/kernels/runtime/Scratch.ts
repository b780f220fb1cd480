import { Arena } from './Arena.js';

const ALIGNMENT = 64;
/** Bytes that are kept for the next call: more than most calls of a training step take. */
const STANDING = 4 * 2 ** 20;

/**
 * Memory for the time of one call: from an arena, as far as that reaches.
 *
 * It is one block that stays, apart from the tensors: what threads share or write during a call stays in the
 * caches of their cores, and a tensor in its place would be written at a fifth of the speed.
 */
export class Scratch {
  private standing: Arena | null = null;

  /** What lends in place of the standing one. */
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
    const arena = this.arena ?? this.standingArena();
    const aligned = bytes.map((n) => Math.ceil(n / ALIGNMENT) * ALIGNMENT);
    const total = aligned.reduce((sum, n) => sum + n, 0);
    const lent = arena.take(total);
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
      arena.give(total);
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

  /** Frees what is kept. Calls that are under way go on with it: `free` must not take effect before they end. */
  release(): void {
    if (this.standing) this.free(this.standing.address);
    this.standing = null;
  }

  private standingArena(): Arena {
    this.standing ??= new Arena(this.allocate(STANDING), STANDING);
    return this.standing;
  }
}
