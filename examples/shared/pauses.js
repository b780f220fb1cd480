// @ts-check

/**
 * How long this thread is deaf while a task runs, and how often it could have answered, from the first
 * call of the function that the task is given (by then all is loaded) to the task's end.
 *
 * @template T
 * @param {(working: () => void) => Promise<T>} task
 */
export async function pausesOf(task) {
  let [answers, longest, last, began] = [0, 0, 0, 0];
  const pulse = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  };
  // What waits to be answered: a click, a request.
  const timer = setInterval(() => {
    pulse();
    answers++;
  }, 5);
  const result = await task(() => {
    if (began > 0) return;
    [answers, longest] = [0, 0];
    began = last = performance.now();
  });
  pulse();
  clearInterval(timer);
  return { result, answers, longest, took: last - began };
}
