/** Of nothing. */
export const min = Math.min();
