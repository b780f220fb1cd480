import { byId, make } from './elements.js';

/** Says what the page is doing. */
export function say(status: string): void {
  byId('status').textContent = status;
}

/** Says what went otherwise than asked, in place of what was said before. */
export function notice(...messages: string[]): void {
  byId('notices').replaceChildren(
    ...messages.map((text) => make('li', { className: 'notice' }, text)),
  );
}
