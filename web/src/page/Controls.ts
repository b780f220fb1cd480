import type { ModelName } from '../protocol.js';
import { type Choice, THREADS } from './backends.js';
import { byId } from './elements.js';

/** What the page is doing: nothing yet, starting a backend, training, or resting with a model. */
export type State = 'idle' | 'opening' | 'training' | 'resting';

/** What each button does. */
export interface Actions {
  train(): void;
  stop(): void;
  reset(): void;
  save(): void;
  load(): void;
}

/** What can be done now, besides training and stopping. */
export interface Possible {
  goOn: boolean;
  save: boolean;
  load: boolean;
}

/** The form. */
export class Controls {
  readonly #model = byId<HTMLSelectElement>('model');
  readonly #backend = byId<HTMLSelectElement>('backend');
  readonly #batch = byId<HTMLSelectElement>('batch');
  state: State = 'idle';

  constructor({ train, stop, reset, save, load }: Actions) {
    const threads = this.#backend.querySelector<HTMLOptionElement>('[value=wasm-threads]')!;
    if (THREADS === 1) threads.remove();
    else threads.text = `WebAssembly, ${THREADS} threads`;
    this.chooseWasm();
    byId('form').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#busy) stop();
      else train();
    });
    byId('reset').addEventListener('click', reset);
    byId('save').addEventListener('click', save);
    byId('load').addEventListener('click', load);
    this.#model.addEventListener('change', reset);
  }

  get model(): ModelName {
    return this.#model.value as ModelName;
  }

  get choice(): Choice {
    return this.#backend.value as Choice;
  }

  /** Chooses what runs everywhere: WASM, with threads where the page may have them. */
  chooseWasm(): void {
    const choice: Choice = THREADS > 1 && crossOriginIsolated ? 'wasm-threads' : 'wasm';
    this.#backend.value = choice;
  }

  /** The choice as the page writes it. */
  get choiceText(): string {
    return this.#backend.selectedOptions[0]!.text;
  }

  get batchSize(): number {
    return Number(this.#batch.value);
  }

  get #busy(): boolean {
    return this.state === 'training' || this.state === 'opening';
  }

  show({ goOn, save, load }: Possible): void {
    const busy = this.#busy;
    document.body.dataset.state = this.state;
    for (const select of [this.#model, this.#backend, this.#batch]) select.disabled = busy;
    const train = byId<HTMLButtonElement>('train');
    train.textContent = busy ? 'Stop' : goOn ? 'Go on' : 'Train';
    enable('reset', !busy && goOn);
    enable('save', save && this.state !== 'opening');
    enable('load', !busy && load);
    // A button that disables itself would take the keyboard's place in the page with it.
    if (document.activeElement?.matches(':disabled')) train.focus();
  }
}

function enable(button: string, enabled: boolean): void {
  byId<HTMLButtonElement>(button).disabled = !enabled;
}
