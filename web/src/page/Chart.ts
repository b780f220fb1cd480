import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

const TICKS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5];
const HEIGHT = 220;
/** How much of the line so far a step's loss leaves as it is. */
const SMOOTH = 0.9;

/** The curves of the loss, drawn again at most once a frame. */
export class Chart {
  readonly #place: HTMLElement;
  #steps: number[] = [];
  #training: (number | null)[] = [];
  #heldOut: (number | null)[] = [];
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
    this.#smooth = this.#smooth === null ? loss : SMOOTH * this.#smooth + (1 - SMOOTH) * loss;
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
    if (this.#steps.at(-1) === step) return;
    this.#steps.push(step);
    this.#training.push(null);
    this.#heldOut.push(null);
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
    return { width: this.#place.clientWidth, height: HEIGHT };
  }

  get #summary(): string {
    const [first, last] = [0, -1].map((at) =>
      this.#training.filter((loss) => loss !== null).at(at),
    );
    if (first === undefined || last === undefined) return 'No loss yet';
    return `The training loss went from ${first!.toPrecision(2)} to ${last!.toPrecision(2)} in ${this.#steps.at(-1)} steps`;
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
          {
            ...axis,
            size: 32,
            values: (_, splits) => splits.map((step) => (step % 1 ? '' : String(step))),
          },
          {
            ...axis,
            size: 48,
            splits: (_, __, least, most) => TICKS.filter((tick) => tick >= least && tick <= most),
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
