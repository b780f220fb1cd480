/** Of nothing. */
export const prod = { float32: 1, int32: 1 };
