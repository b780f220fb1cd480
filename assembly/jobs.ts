// A job is a kernel's call that several threads share; its slices are dealt out in units. Each thread has a
// range of the units, always the same part of the whole, so that it mostly finds in its own cache what it wrote
// in the job before; when its range is used up it takes from the others'. One control block in the shared
// memory, on a cache line, with a line for each thing that threads fight over:
//
//   0    number of the last job, written when all else of it is there
//   64   done: units finished
//   128  sleepers; 132 stop; 136 enlisted; 140 broken: a thread ended with an error; 144 threads
//   192  what the job is, written by the main thread before the tickets: index of the kernel, units,
//        slices, whether slices are called one by one, scratch, scratch bytes of a thread, number of
//        arguments, number of the job
//   256  up to 32 arguments, as f64
//   512  for each thread's range, on a line of its own, a ticket: number of the job << 12 | units not yet
//        claimed
//
// A thread reads what the job is after it has claimed a unit, and the main thread writes the next job
// only when all units of the last one are done. So one that wakes late runs the job that is there, and
// one that claims nothing (asleep, descheduled or dead) is never waited for.

const CLAIMABLE: i32 = 0xfff;
/**
 * Reads of the job's number before a thread sleeps: about a millisecond, longer than the gaps between kernels of
 * a training step. To wake a thread takes the main one some 20 µs.
 */
const SPINS: i32 = 1500000;

const DONE: usize = 64;
const SLEEPERS: usize = 128;
const STOP: usize = 132;
const ENLISTED: usize = 136;
const THREADS: usize = 144;
const JOB_UNITS: usize = 196;
const JOB_NUMBER: usize = 220;
const TICKETS: usize = 512;
const TICKET: usize = 64;

/** The number of the job after the last: 1 … 2²⁰ − 1, again and again. */
// @ts-ignore: decorator
@inline
function nextNumber(control: usize): i32 {
  const next = (atomic.load<i32>(control) + 1) & 0xfffff;
  return next == 0 ? 1 : next;
}

/** The first unit of a thread's range. */
// @ts-ignore: decorator
@inline
function rangeBegin(thread: i32, threads: i32, units: i32): i32 {
  return thread * units / threads;
}

/** Opens a job of at most 4095 units, and wakes the threads that sleep. Main thread only. */
export function publish(control: usize, units: i32): void {
  const threads = load<i32>(control, THREADS);
  const number = nextNumber(control);
  atomic.store<i32>(control, 0, DONE);
  store<i32>(control, number, JOB_NUMBER);
  for (let t = 0; t < threads; t++) {
    const count = rangeBegin(t + 1, threads, units) - rangeBegin(t, threads, units);
    atomic.store<i32>(control + TICKETS + TICKET * t, (number << 12) | count);
  }
  atomic.store<i32>(control, number);
  if (atomic.load<i32>(control, SLEEPERS) != 0) atomic.notify(control, -1);
}

/**
 * The next unit of the job for a thread, 0 being the main one; −1 when all are claimed. Each is followed by a
 * call of `finish`.
 */
export function claim(control: usize, thread: i32): i32 {
  const threads = load<i32>(control, THREADS);
  for (let i = 0; i < threads; i++) {
    const range = (thread + i) % threads;
    const place = control + TICKETS + TICKET * range;
    let ticket = atomic.load<i32>(place);
    while ((ticket & CLAIMABLE) != 0) {
      const seen = atomic.cmpxchg<i32>(place, ticket, ticket - 1);
      if (seen == ticket) {
        const units = load<i32>(control, JOB_UNITS);
        return rangeBegin(range + 1, threads, units) - (ticket & CLAIMABLE);
      }
      ticket = seen;
    }
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

/** Waits for a job other than number `last`, asleep after a while: its number, or 0 once the threads are to stop. */
export function awaitJob(control: usize, last: i32): i32 {
  while (true) {
    let spins = SPINS;
    while (spins > 0 && atomic.load<i32>(control) == last) spins--;
    if (atomic.load<i32>(control, STOP) != 0) return 0;
    if (spins > 0) return atomic.load<i32>(control);
    atomic.add<i32>(control, 1, SLEEPERS);
    atomic.wait<i32>(control, last, -1);
    atomic.sub<i32>(control, 1, SLEEPERS);
  }
}

/** Sends the threads home, those that sleep too; none claims another unit. */
export function dismiss(control: usize): void {
  atomic.store<i32>(control, 1, STOP);
  publish(control, 0);
}
