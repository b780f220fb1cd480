// @ts-check
import { HELP, readOptions, UsageError } from './options.js';

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
  } else {
    // Only now, so that a mistake in the options is told at once.
    const { run } = await import('./run.js');
    await run(options);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
