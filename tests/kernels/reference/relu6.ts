/** x kept within 0 and 6. */
export const relu6 = (x: number): number => Math.min(Math.max(x, 0), 6);
