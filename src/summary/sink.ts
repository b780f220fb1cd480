import { browserDirectory } from './browser.js';
import { logDirectory, nodeFiles } from './directory.js';

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

/**
 * The sink that a log directory has here: a directory on disk in Node, one of the origin-private
 * file system in a browser.
 */
export function openSink(path: string): EventSink {
  return nodeFiles() ? logDirectory(path) : browserDirectory(path);
}
