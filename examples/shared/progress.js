// @ts-check
import { SingleBar } from 'cli-progress';

/**
 * A bar for something that takes seconds; where the output is no terminal, only its last state.
 *
 * @param {string} title
 * @param {number} total steps
 */
export function progress(title, total) {
  const bar = new SingleBar({
    format: `${title}  {bar}  {value}/{total}  {text}`,
    stream: process.stdout,
    barsize: 20,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
  });
  let text = '';
  bar.start(total, 0, { text });
  return {
    /** One step more, and what to say beside the bar. @param {string} [words] */
    step(words = text) {
      text = words;
      bar.increment({ text });
    },
    /** @param {string} [words] to stay beside the bar */
    end(words = text) {
      bar.update({ text: words });
      bar.stop();
      if (!process.stdout.isTTY) console.log(`${title}  ${words}`);
    },
  };
}
