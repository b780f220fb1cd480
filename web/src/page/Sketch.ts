import type { Answer } from '../protocol.js';
import { answerTo } from './answer.js';
import { Drawing } from './Drawing.js';
import { byId, make } from './elements.js';

/** The drawing, and what the network makes of it. */
export class Sketch {
  readonly #drawing = new Drawing(byId('draw'), () => this.ask(), showPen);
  #askNetwork: ((pixels: Float32Array) => void) | null = null;
  #waiting = false;
  #outdated = false;

  constructor() {
    byId('clear').addEventListener('click', () => this.#drawing.clear());
  }

  /** How to ask the network; null while there is none. */
  connect(askNetwork: ((pixels: Float32Array) => void) | null): void {
    this.#askNetwork = askNetwork;
    this.#waiting = false;
    this.ask();
  }

  /** Asks about the drawing as it is now, one question at a time. */
  ask(): void {
    const pixels = this.#drawing.centred;
    document.body.classList.toggle('drawn', pixels !== null);
    if (!pixels || !this.#askNetwork) this.#show(explanation(this.#askNetwork !== null));
    else if (this.#waiting) this.#outdated = true;
    else {
      [this.#waiting, this.#outdated] = [true, false];
      this.#askNetwork(pixels);
    }
  }

  answered(answer: Answer): void {
    this.#waiting = false;
    if (this.#drawing.centred) this.#show(...answerTo(answer));
    if (this.#outdated) this.ask();
  }

  #show(...content: HTMLElement[]): void {
    byId('answer').replaceChildren(...content);
  }
}

function explanation(trained: boolean): HTMLElement {
  const text = trained
    ? 'What the network makes of your digit appears here.'
    : 'Train a network, and what it makes of your digit appears here.';
  return make('p', { className: 'empty' }, text);
}

function showPen(down: boolean | null): void {
  byId('pen').textContent = down === null ? '' : `Pen ${down ? 'down' : 'up'}`;
}
