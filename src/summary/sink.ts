/** Where a `SummaryWriter` puts its bytes. */
export interface EventSink {
  /** What an error message calls it, such as the file's path. */
  readonly name: string;
  /**
   * Adds bytes at the end: all of them, or none when it throws. Once it has returned (or its promise
   * has settled), the bytes outlive a killed process.
   */
  append(bytes: Uint8Array): void | Promise<void>;
  /** Releases what the sink holds. */
  close(): void;
}
