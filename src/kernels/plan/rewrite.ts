import {
  Add,
  ClipByValue,
  Conv2D,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  FusedConv2D,
  FusedDepthwiseConv2D,
  getKernel,
  Identity,
  Minimum,
  PadV2,
  Relu,
  Relu6,
  Slice,
  util,
} from '@tensorflow/tfjs-core';
import type { Recording, Step, Value, View } from './record.js';

/** The kernels that take a bias and bounds, and the name of the one that does so. */
const FUSED: Record<string, string> = {
  [Conv2D]: FusedConv2D,
  [FusedConv2D]: FusedConv2D,
  [Conv2DBackpropInput]: Conv2DBackpropInput,
  [DepthwiseConv2dNative]: FusedDepthwiseConv2D,
  [FusedDepthwiseConv2D]: FusedDepthwiseConv2D,
};

interface Attrs {
  activation?: string | null;
  dataFormat?: string;
  dilations?: number | number[] | null;
  strides: number | number[];
  pad: unknown;
  begin: number[];
  size: number[];
  paddings: [number, number][];
  constantValue: number;
  clipValueMin: number;
  clipValueMax: number;
}

/**
 * The same program in fewer steps: copies are left out, and the padding before a convolution, the bias,
 * the sum with a shortcut and the activation after it become part of it. Values of the recording that
 * nothing makes any more have no step. `numberOf` reads a constant that is one number; with null only copies are
 * left out, which changes no result.
 */
export function rewrite(
  recording: Recording,
  numberOf: ((value: Value) => number) | null,
): Recording {
  const program = new Program(recording.steps, recording.outputs, numberOf);
  for (const step of recording.steps) program.add(step);
  return { ...recording, steps: program.steps, outputs: program.outputs };
}

class Program {
  readonly #steps = new Set<Step>();
  readonly #makers = new Map<Value, Step>();
  /** What stands for the result of a copy. */
  readonly #copies = new Map<Value, Value>();
  /** How many steps and outputs take a value. */
  readonly #uses = new Map<Value, number>();
  readonly #outputs: View[];

  constructor(
    steps: Step[],
    outputs: View[],
    private readonly numberOf: ((value: Value) => number) | null,
  ) {
    this.#outputs = outputs;
    for (const { value } of [...steps.flatMap(({ inputs }) => Object.values(inputs)), ...outputs]) {
      this.#uses.set(value, (this.#uses.get(value) ?? 0) + 1);
    }
  }

  get steps(): Step[] {
    return [...this.#steps];
  }

  get outputs(): View[] {
    return this.#outputs.map((view) => this.#resolve(view));
  }

  add(step: Step): void {
    const given = Object.entries(step.inputs).map(([key, view]) => [key, this.#resolve(view)]);
    const inputs = Array.isArray(step.inputs)
      ? given.map(([, view]) => view)
      : Object.fromEntries(given);
    const resolved: Step = { ...step, inputs: inputs as Step['inputs'] };
    if (isCopy(resolved)) this.#drop(resolved);
    else if (this.numberOf) this.#put(this.#withPadding(this.#merged(resolved) ?? resolved));
    else this.#put(resolved);
  }

  #resolve(view: View): View {
    const value = this.#copies.get(view.value);
    return value ? { ...view, value } : view;
  }

  #drop({ inputs, outputs }: Step): void {
    const from = inputs.x!.value;
    const to = outputs[0]!.value;
    this.#copies.set(to, from);
    this.#uses.set(from, this.#uses.get(from)! - 1 + this.#uses.get(to)!);
  }

  #put(step: Step): void {
    this.#steps.add(step);
    for (const { value } of step.outputs) this.#makers.set(value, step);
  }

  /** The one step that makes a value, if nothing else takes it; not a model's own input. */
  #only(view: View | undefined): Step | undefined {
    return view && this.#uses.get(view.value) === 1 ? this.#makers.get(view.value) : undefined;
  }

  /** A convolution that does a later step's work too, in that step's place. */
  #merged(step: Step): Step | undefined {
    const { kernelName, inputs, outputs } = step;
    const activation = activationOf(step);
    if (activation) {
      const before = this.#only(inputs.x);
      const fits = before && isOpen(before) && kernelOf(before, { activation });
      return fits ? this.#replace(before, fits, outputs) : undefined;
    }
    if (kernelName === Minimum) return this.#bounded(step);
    if (kernelName !== Add) return undefined;
    for (const [key, other] of [
      ['a', inputs.b!],
      ['b', inputs.a!],
    ] as const) {
      const before = this.#only(inputs[key]);
      if (!before || !isOpen(before)) continue;
      const added = this.#addend(before, other);
      if (added) return this.#replace(before, kernelOf(before, {}, added), outputs);
    }
    return undefined;
  }

  /** tf.layers computes relu6 as the minimum of relu and 6. */
  #bounded({ inputs, outputs }: Step): Step | undefined {
    const [bound, x] =
      inputs.a!.shape.length === 0 ? [inputs.a!, inputs.b!] : [inputs.b!, inputs.a!];
    const { value, shape, dtype } = bound;
    const isNumber = value.origin === 'constant' && shape.length === 0 && dtype === 'float32';
    const before = this.#only(x);
    const fits = before?.attrs.activation === 'relu' && FUSED[before.kernelName] && isOurs(before);
    if (!isNumber || !fits || this.numberOf?.(value) !== 6) return undefined;
    return this.#replace(before, kernelOf(before, { activation: 'relu6' }), outputs);
  }

  /** How a convolution takes what is added to it, if it can. */
  #addend(step: Step, other: View): Record<string, View> | undefined {
    if (takesBias(step, other)) {
      return { bias: { ...other, shape: [util.sizeFromShape(other.shape)] } };
    }
    return takesResidual(step, other) ? { residual: other } : undefined;
  }

  #replace(before: Step, step: Step, outputs: View[]): Step {
    this.#steps.delete(before);
    return { ...step, outputs };
  }

  /** A convolution without padding, of what another step has padded. */
  #withPadding(step: Step): Step {
    const { kernelName, inputs, attrs } = step;
    const padding = this.#only(inputs.x);
    const { pad } = attrs as unknown as Attrs;
    if (FUSED[kernelName] !== FusedConv2D || pad !== 'valid' || padding?.kernelName !== PadV2) {
      return step;
    }
    const { paddings, constantValue } = padding.attrs as unknown as Attrs;
    const outside = [paddings[0]!, paddings[3]!].flat();
    if (constantValue !== 0 || outside.some((n) => n !== 0) || !isOurs(step)) return step;
    this.#steps.delete(padding);
    return {
      ...step,
      inputs: { ...inputs, x: padding.inputs.x! },
      attrs: { ...attrs, pad: paddings },
    };
  }
}

function isCopy({ kernelName, inputs, attrs, outputs }: Step): boolean {
  if (kernelName === Identity) return true;
  return kernelName === Slice && String(inputs.x!.shape) === String(outputs[0]!.shape) && !!attrs;
}

/** The bounds that a step applies to each element, by the name of an activation. */
function activationOf({ kernelName, attrs }: Step): string | undefined {
  if (kernelName === Relu) return 'relu';
  if (kernelName === Relu6) return 'relu6';
  const { clipValueMin, clipValueMax } = attrs as unknown as Attrs;
  return kernelName === ClipByValue && clipValueMin === 0 && clipValueMax === 6
    ? 'relu6'
    : undefined;
}

/** Whether what follows a step may become part of it. */
function isOpen(step: Step): boolean {
  const { activation } = step.attrs as unknown as Attrs;
  return (
    FUSED[step.kernelName] !== undefined && (activation ?? 'linear') === 'linear' && isOurs(step)
  );
}

/** Whether our kernel takes a convolution, and stock's a depthwise one. */
function isOurs({ kernelName, inputs, attrs }: Step): boolean {
  const { dataFormat, dilations, strides } = attrs as unknown as Attrs;
  const plain =
    dataFormat !== 'NCHW' && Object.values(inputs).every(({ dtype }) => dtype === 'float32');
  if (FUSED[kernelName] === FusedDepthwiseConv2D) return plain;
  const filter = inputs.filter!.shape;
  const [down, across] = typeof strides === 'number' ? [strides, strides] : strides;
  // Where the stride is larger than the kernel, no filter reaches some of the pixels.
  const covered =
    kernelName !== Conv2DBackpropInput || (filter[0]! >= down! && filter[1]! >= across!);
  return plain && covered && [dilations ?? 1].flat().every((n) => n === 1);
}

function takesBias({ kernelName, inputs, outputs }: Step, { value, shape, dtype }: View): boolean {
  const channels = outputs[0]!.shape.at(-1)!;
  return (
    FUSED[kernelName] !== undefined &&
    value.origin === 'constant' &&
    dtype === 'float32' &&
    shape.at(-1) === channels &&
    util.sizeFromShape(shape) === channels &&
    !inputs.bias &&
    !inputs.residual
  );
}

function takesResidual({ kernelName, inputs, outputs }: Step, { shape, dtype }: View): boolean {
  return (
    FUSED[kernelName] === FusedConv2D &&
    dtype === 'float32' &&
    String(shape) === String(outputs[0]!.shape) &&
    shape.at(-1)! % 8 === 0 &&
    !inputs.residual
  );
}

/** A step as the kernel that can do more, with more attributes and inputs. */
function kernelOf(step: Step, attrs: Partial<Attrs>, inputs: Record<string, View> = {}): Step {
  const kernelName = FUSED[step.kernelName]!;
  const same = kernelName === step.kernelName;
  const dilations = (step.attrs as unknown as Attrs).dilations ?? 1;
  return {
    ...step,
    kernelName,
    kernelFunc: same ? step.kernelFunc : getKernel(kernelName, 'wasm')!.kernelFunc,
    inputs: { ...step.inputs, ...inputs },
    attrs: { activation: 'linear', ...step.attrs, dilations, ...attrs } as Step['attrs'],
    places: [0],
  };
}
