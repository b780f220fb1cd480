import { browserDirectory } from './browser.js';
import { logDirectory, nodeFiles } from './directory.js';
import type { EventSink } from './sink.js';

/**
 * The sink that a log directory has here: a directory on disk in Node, one of the origin-private
 * file system in a browser.
 */
export function openSink(path: string): EventSink {
  return nodeFiles() ? logDirectory(path) : browserDirectory(path);
}
