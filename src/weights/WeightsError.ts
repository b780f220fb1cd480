/** A file of weights can't be read, or doesn't fit the model. */
export class WeightsError extends Error {
  override name = 'WeightsError';
}
