/** Of nothing. */
export const min = { float32: Math.min(), int32: 2147483647 };
