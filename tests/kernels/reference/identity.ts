export const tolerance = 0;

export const identity = (x: ArrayLike<number>): number[] => Array.from(x);
