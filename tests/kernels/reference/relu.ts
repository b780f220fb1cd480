/** max(x, 0). */
export const relu = (x: number): number => Math.max(x, 0);
