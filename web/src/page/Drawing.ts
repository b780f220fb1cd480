import { PIXELS, SIDE } from '../protocol.js';
import { paint } from './image.js';

/** How far the pen's ink reaches, in points. */
const REACH = 1.7;
/** Where the pen is in one of the keyboard's steps. */
const MOVES: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A canvas to draw on with pointer and keyboard. */
export class Drawing {
  readonly #canvas: HTMLCanvasElement;
  readonly #changed: () => void;
  readonly #penMoved: (down: boolean | null) => void;
  readonly #pixels = new Float32Array(PIXELS);
  /** The pen, in points from the left upper corner. */
  #x = SIDE / 2;
  #y = SIDE / 2;
  #down = false;

  /**
   * @param changed told after each stroke
   * @param penMoved told whether the keyboard's pen is down; null when it is put away
   */
  constructor(
    canvas: HTMLCanvasElement,
    changed: () => void,
    penMoved: (down: boolean | null) => void,
  ) {
    this.#canvas = canvas;
    this.#changed = changed;
    this.#penMoved = penMoved;
    canvas.addEventListener('pointerdown', (event) => this.#press(event));
    canvas.addEventListener('pointermove', (event) => this.#drag(event));
    canvas.addEventListener('keydown', (event) => this.#key(event));
    canvas.addEventListener('blur', () => this.#lift(null));
  }

  clear(): void {
    this.#pixels.fill(0);
    this.#show();
  }

  /** The drawing with its centre of mass in the middle, as MNIST's digits are; null if there is none. */
  get centred(): Float32Array | null {
    let [mass, x, y] = [0, 0, 0];
    for (const [i, ink] of this.#pixels.entries()) {
      mass += ink;
      x += ink * (i % SIDE);
      y += ink * Math.floor(i / SIDE);
    }
    if (mass === 0) return null;
    const shift = [x, y].map((sum) => Math.round(sum / mass - (SIDE - 1) / 2)) as [number, number];
    return this.#pixels.map((_, i) => {
      const [column, row] = [(i % SIDE) + shift[0], Math.floor(i / SIDE) + shift[1]];
      const outside = column < 0 || column >= SIDE || row < 0 || row >= SIDE;
      return outside ? 0 : this.#pixels[row * SIDE + column]!;
    });
  }

  #press(event: PointerEvent): void {
    this.#lift(null);
    this.#canvas.setPointerCapture(event.pointerId);
    [this.#x, this.#y] = this.#placeOf(event);
    this.#strokeTo(this.#x, this.#y);
  }

  #drag(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
    this.#strokeTo(...this.#placeOf(event));
  }

  #key(event: KeyboardEvent): void {
    const move = MOVES[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (move) {
      const [x, y] = [this.#x + move[0], this.#y + move[1]].map((at) =>
        Math.min(Math.max(at, 0.5), SIDE - 0.5),
      ) as [number, number];
      if (this.#down) this.#strokeTo(x, y);
      [this.#x, this.#y] = [x, y];
      this.#penMoved(this.#down);
    } else if (event.key === ' ' || event.key === 'Enter') {
      this.#lift(!this.#down);
      if (this.#down) this.#strokeTo(this.#x, this.#y);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.clear();
    } else return;
    event.preventDefault();
    this.#showPen();
  }

  /** Puts the keyboard's pen down, up, or away. */
  #lift(down: boolean | null): void {
    this.#down = down ?? false;
    this.#penMoved(down);
    if (down === null) this.#canvas.parentElement!.classList.remove('pen', 'down');
  }

  #placeOf({ clientX, clientY }: PointerEvent): [number, number] {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [((clientX - left) / width) * SIDE, ((clientY - top) / height) * SIDE];
  }

  /** Leaves ink along the way to a place. */
  #strokeTo(x: number, y: number): void {
    const parts = Math.ceil(Math.hypot(x - this.#x, y - this.#y) * 2) || 1;
    for (let part = 1; part <= parts; part++) {
      const share = part / parts;
      this.#dot(this.#x + share * (x - this.#x), this.#y + share * (y - this.#y));
    }
    [this.#x, this.#y] = [x, y];
    this.#show();
  }

  #dot(x: number, y: number): void {
    for (let row = Math.floor(y - REACH); row <= y + REACH; row++) {
      for (let column = Math.floor(x - REACH); column <= x + REACH; column++) {
        if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const ink = Math.min(1, Math.max(0, REACH - distance));
        const at = row * SIDE + column;
        this.#pixels[at] = Math.max(this.#pixels[at]!, ink);
      }
    }
  }

  #show(): void {
    paint(this.#canvas, this.#pixels);
    this.#changed();
  }

  #showPen(): void {
    const frame = this.#canvas.parentElement!;
    frame.classList.add('pen');
    frame.classList.toggle('down', this.#down);
    frame.style.setProperty('--x', String(this.#x / SIDE));
    frame.style.setProperty('--y', String(this.#y / SIDE));
  }
}
