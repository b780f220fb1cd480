/** Of nothing. */
export const max = Math.max();
