// One thread besides the main one, which runs slices of our kernels. A plain script without imports,
// for browsers and Node: src/kernels/spawn.ts starts it from its text, or from a served copy of this file
// (the option `workerUrl`).
(() => {
  const inBrowser = typeof importScripts === 'function';
  const port = inBrowser ? self : require('node:worker_threads').parentPort;
  if (inBrowser) self.onmessage = ({ data }) => work(data);
  else port.once('message', work);

  // Positions in the control block, as in assembly/jobs.ts and src/kernels/runtime/ThreadPool.ts.
  const [BROKEN, KERNEL, UNITS, SLICES, SINGLY, SCRATCH, SCRATCH_BYTES, ARGS, NUMBER] = [
    ...[35, 48, 49, 50, 51, 52, 53, 54, 55],
  ];

  /** Takes units of jobs until the pool stops. The views go on working when the memory grows. */
  function work({ module, memory, control, index }) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const functions = WebAssembly.Module.exports(module).map(({ name }) => exports[name]);
    const words = new Int32Array(memory.buffer, control, 64);
    const numbers = new Float64Array(memory.buffer, control + 256, 32);
    const { enlist, awaitJob, claim, finish } = exports;
    enlist(control);
    port.postMessage('up');
    try {
      for (let job = awaitJob(control, 0); job > 0; job = awaitJob(control, job)) {
        // Read anew after each wait: numbers of jobs come again.
        let [known, args] = [0, []];
        for (let unit = claim(control, index); unit >= 0; unit = claim(control, index)) {
          // It may be the next job's already.
          if (words[NUMBER] !== known) {
            known = words[NUMBER];
            args = [];
            for (let i = 0; i < words[ARGS]; i++) args.push(numbers[i]);
            const scratchBytes = words[SCRATCH_BYTES] >>> 0;
            if (scratchBytes > 0) args.push((words[SCRATCH] >>> 0) + index * scratchBytes);
          }
          const begin = Math.floor((unit * words[SLICES]) / words[UNITS]);
          const end = Math.floor(((unit + 1) * words[SLICES]) / words[UNITS]);
          const step = words[SINGLY] ? 1 : end - begin;
          const kernel = functions[words[KERNEL]];
          for (let slice = begin; slice < end; slice += step) kernel(...args, slice, slice + step);
          finish(control);
        }
      }
    } catch (error) {
      Atomics.store(words, BROKEN, 1);
      throw error;
    }
  }
})();
