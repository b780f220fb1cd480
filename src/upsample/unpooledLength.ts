import { refuse } from '../core/args.js';
import { type Axis, defaultLength, possibleLengths } from '../core/shape.js';

const SIDES = ['height', 'width'] as const;

/**
 * The height (side 0) or width (side 1) of the image that a pooling took to o; null where it can't be
 * known yet. `given` is the asked-for one, and `source` tells who asked.
 */
export function unpooledLength(
  who: string,
  side: 0 | 1,
  o: number | null,
  axis: Axis,
  given: number | null,
  source: 'outputSize' | 'the reference',
): number | null {
  if (o === null || (given === null && source === 'the reference')) return given;
  if (given === null) return defaultLength(o, axis);
  const [least, most] = possibleLengths(o, axis);
  if (given < least || given > most) {
    const rule = `in [${least}, ${most}] for an input of ${SIDES[side]} ${o}`;
    refuse(who, `the ${SIDES[side]} of ${source}`, rule, given);
  }
  return given;
}
