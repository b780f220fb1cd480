/** Places where a depthwise convolution may hold what is not a number, by the name of its tensor. */
export const NOT_FINITE: [name: string, place: 'x' | 'filter' | 'bias', value: number][] = [
  ['nothing', 'x', 0],
  ['a NaN in the last pixel', 'x', Number.NaN],
  ['an infinity in the image', 'x', Number.POSITIVE_INFINITY],
  ['a NaN in the filter', 'filter', Number.NaN],
  ['a NaN in the bias', 'bias', Number.NaN],
];
