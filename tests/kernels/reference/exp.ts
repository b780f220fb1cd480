/** e^x. */
export const exp = (x: number): number => Math.exp(x);
