import type { ModelName } from '../protocol.js';

/** What is known about a model in the browser's storage. */
export interface Saved {
  step: number;
}

const keyOf = (model: ModelName) => `tfjs-blocks-${model}`;

/** Remembers that a model has been saved; the model itself is in IndexedDB. */
export function remember(model: ModelName, saved: Saved): void {
  localStorage.setItem(keyOf(model), JSON.stringify(saved));
}

/** What was saved of a kind of model; null if nothing. */
export function savedOf(model: ModelName): Saved | null {
  return JSON.parse(localStorage.getItem(keyOf(model)) ?? 'null');
}
