import type { Epilogue } from './convolve.js';

/** A convolution of images [batch, inHeight, inWidth, inChannels], by addresses. */
export interface WinogradCall {
  x: number;
  /** [3, 3, inChannels, outChannels]. */
  filter: number;
  /** What the filter is made of, if it is constant when that is. Default: `filter` itself. */
  source?: number;
  y: number;
  batch: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  top: number;
  left: number;
  epilogue: Epilogue;
}
