// A job is a kernel's call that several threads share; its slices are dealt out in units. One control
// block of 512 bytes in the shared memory, on a cache line, with a line for each thing that threads
// fight over:
//
//   0    ticket: number of the job << 12 | units not yet claimed
//   64   done: units finished
//   128  sleepers; 132 stop; 136 enlisted; 140 broken: a thread ended with an error
//   192  what the job is, written by the main thread before the ticket: index of the kernel, units,
//        slices, whether slices are called one by one, scratch, scratch bytes of a thread, number of
//        arguments
//   256  up to 32 arguments, as f64
//
// A thread reads what the job is after it has claimed a unit, and the main thread writes the next job
// only when all units of the last one are done. So one that wakes late runs the job that is there, and
// one that claims nothing (asleep, descheduled or dead) is never waited for.

const CLAIMABLE: i32 = 0xfff;
/** Reads of the ticket before a thread sleeps: about 250 µs, longer than most gaps between kernels. */
const SPINS: i32 = 200000;

const DONE: usize = 64;
const SLEEPERS: usize = 128;
const STOP: usize = 132;
const ENLISTED: usize = 136;
const JOB_UNITS: usize = 196;

/** Opens a job of at most 4095 units, and wakes the threads that sleep. Main thread only. */
export function publish(control: usize, units: i32): void {
  atomic.store<i32>(control, 0, DONE);
  const number = (atomic.load<i32>(control) & ~CLAIMABLE) + CLAIMABLE + 1;
  atomic.store<i32>(control, number | units);
  if (atomic.load<i32>(control, SLEEPERS) != 0) atomic.notify(control, -1);
}

/** The next unit of the job, −1 when all are claimed. Each is followed by a call of `finish`. */
export function claim(control: usize): i32 {
  let ticket = atomic.load<i32>(control);
  while ((ticket & CLAIMABLE) != 0) {
    const seen = atomic.cmpxchg<i32>(control, ticket, ticket - 1);
    if (seen == ticket) return load<i32>(control, JOB_UNITS) - (ticket & CLAIMABLE);
    ticket = seen;
  }
  return -1;
}

export function finish(control: usize): void {
  atomic.add<i32>(control, 1, DONE);
}

/** How many units are done; returns once that is all of them, or after `spins` looks. Main thread only. */
export function awaitUnits(control: usize, units: i32, spins: i32): i32 {
  let done = atomic.load<i32>(control, DONE);
  while (done != units && spins-- > 0) done = atomic.load<i32>(control, DONE);
  return done;
}

/** One more thread takes part. */
export function enlist(control: usize): void {
  atomic.add<i32>(control, 1, ENLISTED);
}

/** Waits for units to claim, asleep after a while: 1; or 0 once the threads are to stop. */
export function awaitJob(control: usize): i32 {
  while (true) {
    const ticket = atomic.load<i32>(control);
    if (atomic.load<i32>(control, STOP) != 0) return 0;
    if ((ticket & CLAIMABLE) != 0) return 1;
    let spins = SPINS;
    while (spins > 0 && atomic.load<i32>(control) == ticket) spins--;
    if (spins == 0) {
      atomic.add<i32>(control, 1, SLEEPERS);
      atomic.wait<i32>(control, ticket, -1);
      atomic.sub<i32>(control, 1, SLEEPERS);
    }
  }
}

/** Sends the threads home, those that sleep too; none claims another unit. */
export function dismiss(control: usize): void {
  atomic.store<i32>(control, 1, STOP);
  atomic.store<i32>(control, (atomic.load<i32>(control) & ~CLAIMABLE) + CLAIMABLE + 1);
  atomic.notify(control, -1);
}
