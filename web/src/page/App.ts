import type { BackendReport } from 'tfjs-blocks/backend';
import type { ModelName, Report, Snapshot, Source } from '../protocol.js';
import { nameOf, requestFor, shortcomings } from './backends.js';
import { Chart } from './Chart.js';
import { Controls, type State } from './Controls.js';
import { byId } from './elements.js';
import { clearNotices, notice, say } from './messages.js';
import { clearPictures, showPictures } from './pictures.js';
import { Session } from './Session.js';
import { Sketch } from './Sketch.js';
import { remember, savedOf } from './saved.js';
import { rounded, showSpeed } from './speeds.js';

const NAMES: Record<ModelName, string> = { autoencoder: 'Autoencoder', resnet: 'ResNet' };

/** The page: its controls, the worker behind it, and what it shows of that. */
export class App {
  readonly #chart = new Chart(byId('chart'));
  readonly #sketch = new Sketch();
  readonly #controls = new Controls({
    train: () => this.#train(),
    stop: () => this.#stop(),
    reset: () => this.#reset(),
    save: () => this.#session!.order({ type: 'save' }),
    load: () => this.#load(),
  });
  /** To go on from after a change of backend, a loss of the graphics card, or an error. */
  #snapshot: Snapshot | null = null;
  #session: Session | null = null;
  #running: BackendReport | null = null;

  constructor() {
    this.#reset();
  }

  #become(state: State, status: string): void {
    this.#controls.state = state;
    say(status);
    this.#showControls();
  }

  #showControls(): void {
    const load = savedOf(this.#controls.model) !== null;
    this.#controls.show({ goOn: this.#snapshot !== null, save: this.#session !== null, load });
  }

  #open(from: Source): void {
    clearNotices();
    this.#close();
    const { choice, choiceText, model } = this.#controls;
    const digits = new URL('digits.bin', document.baseURI).href;
    const opening = { ...requestFor(choice), model, from, digits };
    this.#session = new Session(opening, (report) => this.#hear(report));
    this.#become('opening', `Starting ${choiceText} …`);
  }

  #close(): void {
    this.#session?.close();
    this.#session = null;
    this.#sketch.connect(null);
  }

  #train(): void {
    const { choice, batchSize } = this.#controls;
    if (this.#session?.isFor(requestFor(choice))) this.#begun();
    else this.#open(this.#snapshot ?? 'new');
    this.#session!.order({ type: 'train', batchSize });
  }

  #stop(): void {
    if (this.#controls.state === 'training') {
      this.#session!.order({ type: 'stop' });
      say('Stopping after this step …');
    } else {
      this.#close();
      this.#become('idle', 'Stopped.');
    }
  }

  #reset(): void {
    this.#close();
    this.#snapshot = null;
    this.#chart.clear();
    clearPictures();
    this.#showFigures();
    clearNotices();
    this.#become('idle', 'Ready.');
  }

  #load(): void {
    this.#reset();
    this.#open('saved');
  }

  #hear(report: Report): void {
    switch (report.type) {
      case 'opened':
        this.#opened(report.backend, report.step);
        break;
      case 'step':
        this.#showFigures(report.step, report.loss, report.stepsPerSecond);
        this.#chart.addTraining(report.step, report.loss);
        break;
      case 'checked':
        this.#snapshot = report.snapshot;
        this.#chart.addHeldOut(report.step, report.heldOut);
        showPictures(report.pictures);
        this.#sketch.ask();
        this.#showControls();
        break;
      case 'drawn':
        this.#sketch.answered(report.answer);
        break;
      case 'stopped':
        this.#become('resting', `Stopped after ${report.step} steps.`);
        break;
      case 'saved':
        remember(this.#controls.model, { step: report.step });
        this.#become(this.#controls.state, `Saved in this browser, after ${report.step} steps.`);
        break;
      case 'lost':
        this.#lost();
        break;
      case 'failed':
        this.#close();
        notice(report.message);
        this.#become('idle', 'Stopped.');
    }
  }

  #opened(backend: BackendReport, step: number): void {
    const session = this.#session!;
    this.#running = backend;
    notice(...shortcomings(this.#controls.choice, backend));
    this.#sketch.connect((pixels) => session.order({ type: 'draw', pixels }));
    if (session.opening.from !== 'saved') {
      this.#begun();
    } else {
      this.#showFigures(step);
      this.#become('resting', `Loaded: it has trained for ${step} steps.`);
    }
  }

  #begun(): void {
    const patience = this.#running!.name.startsWith('webg') ? ' The first step takes a while.' : '';
    this.#become('training', `Training on ${nameOf(this.#running!)}.${patience}`);
  }

  /** The graphics card was taken away: goes on without one, from the last snapshot. */
  #lost(): void {
    const wasTraining = this.#controls.state === 'training';
    this.#close();
    this.#controls.chooseWasm();
    this.#become('idle', 'Stopped.');
    if (wasTraining) this.#train();
    const from = this.#snapshot ? `step ${this.#snapshot.step}` : 'the start';
    notice(`The browser took the graphics card away. WebAssembly goes on from ${from}.`);
  }

  #showFigures(step?: number, loss?: number, rate?: number | null): void {
    byId('step').textContent = step === undefined ? '–' : String(step);
    byId('loss').textContent = loss?.toPrecision(3) ?? '–';
    byId('rate').textContent = rate ? rounded(rate) : '–';
    if (rate) this.#showSpeed(rate);
  }

  #showSpeed(rate: number): void {
    const { model, batchSize } = this.#controls;
    showSpeed(nameOf(this.#running!), `${NAMES[model]}, ${batchSize} digits`, rate);
  }
}
