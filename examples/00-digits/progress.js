// @ts-check
import { SingleBar } from 'cli-progress';

/**
 * A bar for each epoch; the finished ones stay and tell how the training went. Where the output is
 * no terminal, a line for each epoch.
 *
 * @param {number} images in an epoch
 */
export function progress(images) {
  const bar = new SingleBar({
    format:
      'epoch {epoch}  {bar}  {value}/{total}  loss {loss}  held out {heldOut}  {speed} images/s',
    stream: process.stdout,
    barsize: 20,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
  });
  let began = 0;
  const state = { epoch: 0, loss: '…', heldOut: '…', speed: 0 };
  return {
    /** @param {number} epoch */
    begin(epoch) {
      began = Date.now();
      Object.assign(state, { epoch, loss: '…', speed: 0 });
      bar.start(images, 0, state);
    },
    /**
     * @param {number} seen
     * @param {number} loss
     */
    update(seen, loss) {
      state.loss = loss.toFixed(4);
      state.speed = Math.round(seen / ((Date.now() - began) / 1000));
      bar.update(seen, state);
    },
    /** @param {number} loss of the held-out images */
    end(loss) {
      state.heldOut = loss.toFixed(4);
      bar.update(state);
      bar.stop();
      if (process.stdout.isTTY) return;
      const { epoch, heldOut, speed } = state;
      console.log(`epoch ${epoch}  loss ${state.loss}  held out ${heldOut}  ${speed} images/s`);
    },
  };
}
