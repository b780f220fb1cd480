/** The first steps compile shaders and warm up. */
const WARM_UP = 3;
const WINDOW = 20;
/** Looking at the model takes no more than this share of the time, and happens no more often. */
const SHARE = 0.2;
const CHECK_EVERY = 700;

/** Measures the steps, and says when to look at the model between them. */
export class Pace {
  readonly #times: number[] = [];
  #steps = 0;
  #nextCheck = 0;

  async ofStep<T>(step: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await step();
    if (this.#steps++ >= WARM_UP) this.#times.push(performance.now() - started);
    if (this.#times.length > WINDOW) this.#times.shift();
    return result;
  }

  /** Of the last steps, without what happens between them; null before there are any. */
  get stepsPerSecond(): number | null {
    if (this.#times.length === 0) return null;
    return (1000 * this.#times.length) / this.#times.reduce((sum, time) => sum + time);
  }

  /** Looks at the model if it is time to. */
  async ofCheck(check: () => Promise<void>): Promise<void> {
    const started = performance.now();
    if (started < this.#nextCheck) return;
    await check();
    const took = performance.now() - started;
    this.#nextCheck = started + took + Math.max(CHECK_EVERY, took / SHARE);
  }
}
