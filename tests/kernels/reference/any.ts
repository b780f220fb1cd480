/** Of nothing. */
export const any = { bool: Number([].some(Boolean)) };
