export const tolerance = 0;

/** To the type that it has, or to bool. */
export const cast = (x: ArrayLike<number>, dtype: string): number[] =>
  Array.from(x, (value) => (dtype === 'bool' ? Number(value !== 0) : value));
