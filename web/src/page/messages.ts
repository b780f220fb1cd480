import { byId, make } from './elements.js';

/** Says what the page is doing. */
export function say(status: string): void {
  byId('status').textContent = status;
}

/** Says what went otherwise than asked, beside what was said before. */
export function notice(...messages: string[]): void {
  byId('notices').append(...messages.map((text) => make('li', { className: 'notice' }, text)));
}

export function clearNotices(): void {
  byId('notices').replaceChildren();
}
