import { OptionError, refuse } from '../core/args.js';
import { oneShape, type Shape } from '../core/inputs.js';

/** The shapes of an image and of the reference for its size, which `outputSize` would contradict. */
export function shapesOf(
  owner: string,
  inputShape: Shape | Shape[],
  outputSize: unknown,
): [Shape, Shape?] {
  const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
  if (shapes.length > 2) {
    throw new OptionError(`${owner}: takes [x, reference], got ${shapes.length} inputs`);
  }
  if (shapes.length === 2 && outputSize) {
    refuse(owner, 'outputSize', 'left out when there is a reference', outputSize);
  }
  return shapes.map((shape) => oneShape(owner, shape, [4])) as [Shape, Shape?];
}
