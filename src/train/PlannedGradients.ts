import {
  type DataId,
  dispose,
  engine,
  type NamedTensorMap,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { type Plans, planOf } from '../core/plans.js';
import { random as source } from '../core/random.js';

/** What a step computes before any variable moves. */
export interface Computed {
  /** Such as the loss; as many each time. */
  outputs: Tensor[];
  /** By the names of the variables. */
  grads: NamedTensorMap;
}

/** The same, with what the computation wrote to variables, which have their old values back. */
export interface Staged extends Computed {
  moved: { variable: Variable; value: Tensor }[];
}

/** What the first step tells of all. */
interface Known {
  outputs: number;
  /** The variables that there are gradients of. */
  names: string[];
  /** The variables that are written to: moving averages. */
  moving: Variable[];
  /** The model's other weights, which are constants of the plan, and their values. */
  resting: Variable[];
  values: DataId[];
  /** Those of them that somebody else has moved, such as the other step of a pair: inputs from then on. */
  given: Variable[];
}

/**
 * The gradients of a loss, by a plan from the second step on. Its inputs are the batch, the trained variables and
 * those that the loss writes to; the model's other weights are constants for as long as they rest.
 */
export class PlannedGradients {
  readonly #trained: readonly Variable[];
  readonly #others: readonly Variable[];
  readonly #plans: Plans = {};
  #known: Known | undefined;

  /** @param weights - All of the model's, trained or not. */
  constructor(trained: readonly Variable[], weights: readonly Variable[]) {
    this.#trained = trained;
    this.#others = weights.filter((variable) => !trained.includes(variable));
  }

  /** Why there is no plan, if it is the loss that hinders it. */
  get unplanned(): string | undefined {
    return this.#plans.unfit;
  }

  /**
   * What `compute` gives for a batch, and no variable has moved; undefined where that can't be, and nothing
   * has happened.
   */
  run(batch: Tensor[], compute: () => Computed): Staged | undefined {
    const plan = planOf(this.#plans);
    if (!plan) return undefined;
    if (!this.#known) return this.#first(compute);
    const known = this.#known;
    this.#compareResting(known);
    const inputs = [...batch, ...this.#trained, ...known.moving, ...known.given];
    const start = source.state;
    let [random, same] = [false, true];
    const tensors = plan({
      ...{ inputs, exact: true },
      compute: () => {
        // Whoever computes it again draws the same random numbers.
        source.state = start;
        const staged = this.#stage(compute);
        random ||= String(source.state) !== String(start);
        same &&= isLike(staged, known);
        return [...staged.outputs, ...Object.values(staged.grads), ...staged.moved.map(movedTo)];
      },
      varying: () => {
        const fixed = new Set<Tensor>([...inputs, ...known.resting]);
        return variables().filter((variable) => !fixed.has(variable));
      },
    });
    if (random) this.#giveUp('it draws random numbers');
    if (!same) this.#giveUp('it has not the same gradients, or writes, each time');
    if (!this.unplanned) return unlisted(tensors, known);
    dispose(tensors);
    source.state = start;
    return undefined;
  }

  /** Frees the plans' memory; the next step makes new ones. */
  forget(): void {
    this.#plans.kept?.dispose();
    this.#plans.kept = undefined;
  }

  #giveUp(reason: string): void {
    this.#plans.unfit = reason;
    this.forget();
  }

  #first(compute: () => Computed): Staged {
    const foreign = variables().filter((variable) => !this.#others.includes(variable));
    const before = foreign.map(({ dataId }) => dataId);
    const staged = this.#stage(compute);
    const written = foreign.find(({ dataId }, i) => dataId !== before[i]);
    if (written) this.#giveUp(`it writes to the variable '${written.name}'`);
    const moving = staged.moved.map(({ variable }) => variable);
    const resting = this.#others.filter((variable) => !moving.includes(variable));
    this.#known = {
      outputs: staged.outputs.length,
      names: Object.keys(staged.grads),
      moving,
      resting,
      values: resting.map(({ dataId }) => dataId),
      given: [],
    };
    return staged;
  }

  /** What is computed, and what has moved meanwhile, which is moved back. */
  #stage(compute: () => Computed): Staged {
    const before = this.#others.map((variable) => variable.clone());
    const hasMoved = (variable: Variable, i: number) => variable.dataId !== before[i]!.dataId;
    try {
      const computed = compute();
      const moved = this.#others.filter(hasMoved);
      return {
        ...computed,
        moved: moved.map((variable) => ({ variable, value: variable.clone() })),
      };
    } finally {
      for (const [i, variable] of this.#others.entries()) {
        if (hasMoved(variable, i)) variable.assign(before[i]!);
      }
      dispose(before);
    }
  }

  /** A plan has constants in it that were computed from the weights which rest. */
  #compareResting(known: Known): void {
    const { resting, values } = known;
    const moved = resting.filter(({ dataId }, i) => dataId !== values[i]);
    if (moved.length === 0) return;
    this.forget();
    known.given.push(...moved);
    known.resting = resting.filter((variable) => !moved.includes(variable));
    known.values = known.resting.map(({ dataId }) => dataId);
  }
}

function variables(): Variable[] {
  return Object.values(engine().registeredVariables);
}

const movedTo = ({ value }: Staged['moved'][number]) => value;

function isLike({ outputs, grads, moved }: Staged, known: Known): boolean {
  return (
    outputs.length === known.outputs &&
    String(Object.keys(grads)) === String(known.names) &&
    moved.length === known.moving.length &&
    moved.every(({ variable }, i) => variable === known.moving[i])
  );
}

/** The tensors of a plan as what they are. */
function unlisted(tensors: Tensor[], { outputs, names, moving }: Known): Staged {
  const grads = tensors.slice(outputs, outputs + names.length);
  const values = tensors.slice(outputs + names.length);
  return {
    outputs: tensors.slice(0, outputs),
    grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])),
    moved: moving.map((variable, i) => ({ variable, value: values[i]! })),
  };
}
