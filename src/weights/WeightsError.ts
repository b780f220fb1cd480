/** A file of weights can't be read, or doesn't fit the model. */
export class WeightsError extends Error {
  override name = 'WeightsError';
}

/** Why something was thrown; jsfive throws strings too. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
