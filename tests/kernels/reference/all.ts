/** Of nothing. */
export const all = { bool: Number([].every(Boolean)) };
