// A process for the tests to starve or kill: it writes scalars, and says how many are flushed.
import { SummaryWriter } from '../../src/summary/index.js';

const [directory, count] = process.argv.slice(2);
const writer = new SummaryWriter(directory!, { flushSeconds: 1e9 });
for (let step = 0; step < Number(count); step++) {
  writer.scalar('loss', step, step);
  if (step % 10 === 9) {
    try {
      await writer.flush();
    } catch (error) {
      console.log(`failed: ${(error as Error).message}`);
      break;
    }
    console.log(`flushed: ${step + 1}`);
  }
}
