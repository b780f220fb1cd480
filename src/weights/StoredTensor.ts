/** A tensor in a file. */
export interface StoredTensor {
  /** What error messages and name maps call it. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Its elements in row-major order; throws when they can't be read. */
  read(): Float32Array;
  /** Weights of the model that it may stand for by the names of layers, the best first. */
  readonly byName?: readonly string[];
  /** A weight of the model by the order of layers, for when no name of the file is known. */
  readonly byOrder?: string;
}

/** The number of elements in a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}
