import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** Distances between steps that are marked. */
const DISTANCES = [1, 10, 100, 1e3, 1e4, 1e5].flatMap((n) => [n, 2 * n, 5 * n]);
/** More points than this are made fewer, so that drawing stays quick in a long training. */
const MOST = 2000;
/** How much of the line so far a step's loss leaves as it is. */
const SMOOTH = 0.9;

/** The curves of the loss, drawn again at most once a frame. */
export class Chart {
  readonly #place: HTMLElement;
  #steps: number[] = [];
  #training: (number | null)[] = [];
  #heldOut: (number | null)[] = [];
  #first = 0;
  #smooth: number | null = null;
  #plot: uPlot | null = null;
  #frame = 0;

  constructor(place: HTMLElement) {
    this.#place = place;
    new ResizeObserver(() => this.#plot?.setSize(this.#size)).observe(place);
    // The colours of the canvas are read when it is made.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#remake());
  }

  addTraining(step: number, loss: number): void {
    if (this.#smooth === null) [this.#first, this.#smooth] = [loss, loss];
    this.#smooth = SMOOTH * this.#smooth + (1 - SMOOTH) * loss;
    this.#at(step);
    this.#training[this.#training.length - 1] = this.#smooth;
    this.#redraw();
  }

  addHeldOut(step: number, loss: number): void {
    this.#at(step);
    this.#heldOut[this.#heldOut.length - 1] = loss;
    this.#redraw();
  }

  clear(): void {
    [this.#steps, this.#training, this.#heldOut, this.#smooth] = [[], [], [], null];
    this.#plot?.destroy();
    this.#plot = null;
    this.#place.classList.remove('filled');
    this.#place.ariaLabel = 'No loss yet';
  }

  /** Makes `step` the last point. */
  #at(step: number): void {
    const series = [this.#steps, this.#training, this.#heldOut];
    // After a loss of the graphics card training has gone back.
    while (this.#steps.at(-1)! > step) for (const values of series) values.pop();
    if (this.#steps.at(-1) === step) return;
    if (this.#steps.length >= MOST) this.#halve();
    this.#steps.push(step);
    this.#training.push(null);
    this.#heldOut.push(null);
  }

  /** Makes one point of two. */
  #halve(): void {
    const ofPairs = <T>(values: T[]) =>
      values.flatMap((value, i) => (i % 2 ? [value ?? values[i - 1]!] : []));
    this.#steps = ofPairs(this.#steps);
    this.#training = ofPairs(this.#training);
    this.#heldOut = ofPairs(this.#heldOut);
  }

  #redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#steps.length === 0) return;
      this.#plot ??= this.#make();
      this.#plot.setData(this.#data);
      this.#place.ariaLabel = this.#summary;
    });
  }

  get #data(): uPlot.AlignedData {
    return [this.#steps, this.#training, this.#heldOut];
  }

  get #size() {
    return { width: this.#place.clientWidth, height: this.#place.clientHeight };
  }

  get #summary(): string {
    if (this.#smooth === null) return 'No loss yet';
    const [first, last] = [this.#first, this.#smooth].map((loss) => loss.toPrecision(2));
    return `The training loss went from ${first} to ${last} in ${this.#steps.at(-1)} steps`;
  }

  #remake(): void {
    if (!this.#plot) return;
    this.#plot.destroy();
    this.#plot = this.#make();
  }

  #make(): uPlot {
    this.#place.classList.add('filled');
    const style = getComputedStyle(this.#place);
    const colour = (name: string) => style.getPropertyValue(name);
    const axis: uPlot.Axis = {
      stroke: colour('--quiet'),
      font: `12px ${style.fontFamily}`,
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    return new uPlot(
      {
        ...this.#size,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false },
          y: { distr: 3, range: (_, least, most) => [0.85 * least, 1.15 * most] },
        },
        axes: [
          { ...axis, size: 32, incrs: DISTANCES, values: (_, splits) => splits.map(String) },
          {
            ...axis,
            size: 48,
            splits: (_, __, least, most) => ticks(least, most),
            filter: (_, splits) => splits,
            values: (_, splits) => splits.map(String),
          },
        ],
        series: [
          {},
          { stroke: colour('--quiet'), width: 1.5, points: { show: false }, spanGaps: true },
          {
            ...{ stroke: colour('--accent'), width: 2.5, spanGaps: true },
            points: { show: true, size: 5, fill: colour('--accent') },
          },
        ],
      },
      this.#data,
      this.#place,
    );
  }
}

/** Round numbers between two: 1, 2 and 5 of each power of ten, or where those are few, in equal distances. */
function ticks(least: number, most: number): number[] {
  const powers = Array.from({ length: 12 }, (_, i) => 10 ** (i - 8));
  const round = powers.flatMap((power) => [power, 2 * power, 5 * power]);
  const shown = round.filter((tick) => tick >= least && tick <= most);
  if (shown.length > 2) return shown.map(rounded);
  const distance = round.find((candidate) => candidate > (most - least) / 5)!;
  const first = Math.ceil(least / distance);
  const count = Math.floor(most / distance) - first + 1;
  return Array.from({ length: count }, (_, i) => rounded((first + i) * distance));
}

/** Without the last bits of an inexact product. */
const rounded = (value: number) => Number(value.toPrecision(6));
