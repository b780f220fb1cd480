/**
 * What TensorBoard shows.
 *
 * @module tfjs-blocks/summary
 */

export { browserDirectory, downloadLogs } from './browser.js';
export { logDirectory } from './directory.js';
export { SummaryWriter, type SummaryWriterOptions } from './SummaryWriter.js';
export type { EventSink } from './sink.js';
export { summarizeActivations, summarizeVariables } from './summarize.js';
export { TensorBoard, type TensorBoardOptions, tensorBoard } from './tensorBoard.js';
