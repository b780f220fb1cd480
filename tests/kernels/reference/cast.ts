export const tolerance = 0;

/** To the type that it has. */
export const cast = (x: ArrayLike<number>): number[] => Array.from(x);
