/**
 * A file of weights can't be read, or doesn't fit the model. The message has a line for each thing that
 * is wrong.
 *
 * @example
 * ```ts
 * try {
 *   await loadWeights(model, 'resnet50.safetensors', { from: 'torchvision' });
 * } catch (error) {
 *   if (!(error instanceof WeightsError)) throw error;
 *   console.error(error.message); // the model is as it was
 * }
 * ```
 */
export class WeightsError extends Error {
  /** `'WeightsError'`. */
  override name = 'WeightsError';
}

/** Why something was thrown; jsfive throws strings too. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
