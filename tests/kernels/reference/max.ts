/** Of nothing. */
export const max = { float32: Math.max(), int32: -2147483648 };
