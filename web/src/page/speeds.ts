import { byId, make } from './elements.js';

interface Row {
  bar: HTMLElement;
  value: HTMLElement;
  rate: number;
}

const rows = new Map<string, Row>();

/** Shows how fast a backend trains a model, beside those that ran before. */
export function showSpeed(backend: string, model: string, rate: number): void {
  const key = `${backend}/${model}`;
  const entry = rows.get(key) ?? add(backend, model, key);
  entry.rate = rate;
  entry.value.textContent = rounded(rate);
  const most = Math.max(...[...rows.values()].map((other) => other.rate));
  for (const { bar, rate: own } of rows.values()) bar.style.setProperty('--share', `${own / most}`);
}

/** A rate with two or three digits. */
export function rounded(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(2);
}

function add(backend: string, model: string, key: string): Row {
  byId('speed-empty').hidden = true;
  const table = byId<HTMLTableElement>('speed');
  table.hidden = false;
  const [bar, value] = [
    make('span', { className: 'bar' }, make('i')),
    make('span', { className: 'value' }),
  ];
  const row = table.tBodies[0]!.insertRow();
  row.className = 'best';
  row.append(
    make('th', { scope: 'row' }, backend),
    make('td', {}, model),
    make('td', {}, make('div', { className: 'measure' }, bar, value)),
  );
  const entry = { bar, value, rate: 0 };
  rows.set(key, entry);
  return entry;
}
