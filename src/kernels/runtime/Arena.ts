/** A block of memory that calls within calls take from and give back, the last one first. */
export class Arena {
  /** What was in use at most, whether there was room for it or not. */
  most = 0;
  #used = 0;

  constructor(
    readonly address: number,
    readonly size: number,
  ) {}

  /** The address of that many bytes; null where there is no room, to be given back all the same. */
  take(bytes: number): number | null {
    const address = this.address + this.#used;
    this.#used += bytes;
    this.most = Math.max(this.most, this.#used);
    return this.#used <= this.size ? address : null;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }
}
