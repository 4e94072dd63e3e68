// A peer's side of the conversation: one JSON object a line, from the bench and back.
import { createInterface } from "node:readline";
import { digest } from "./numbers.js";
import type { Workload } from "./workloads.js";

/** A workload, ready to be run; what a run gives can be waited for. */
export interface Task {
  readonly run: () => unknown;
  /** The elements of the result, one list after the other. */
  readonly read: (result: never) => ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Frees a result where its library does not. */
  readonly free?: (result: never) => void;
  /** Waits until a result has been computed. */
  readonly wait?: (result: never) => Promise<unknown>;
}

type Request = { readonly prepare: Workload } | { readonly time: number };

/** A run and whatever its library needs around it. */
async function once({ run, free, wait }: Task): Promise<void> {
  const result = run() as never;
  await wait?.(result);
  free?.(result);
}

/** Times a task; short runs several together, and with nothing but the run itself if it is synchronous. */
export function timer(task: Task): (budget: number) => Promise<number[]> {
  const { run, free, wait } = task;
  let count = 0;
  const batch = async (): Promise<number> => {
    const begin = performance.now();
    if (wait) for (let i = 0; i < count; i++) await once(task);
    else if (free) for (let i = 0; i < count; i++) free(run() as never);
    else for (let i = 0; i < count; i++) run();
    return performance.now() - begin;
  };
  const until = async (end: number, each: () => Promise<unknown>): Promise<void> => {
    do await each();
    while (performance.now() < end);
  };
  return async (budget) => {
    if (count === 0) {
      count = 1;
      await until(performance.now() + budget, async () => {
        if ((await batch()) < 0.5 && count < 1e5) count *= 2;
      });
    }
    const found: number[] = [];
    await until(performance.now() + budget, async () => found.push((await batch()) / count));
    return found;
  };
}

/** Answers until the bench has no more questions. `prepare` gives undefined for what the peer cannot do. */
export async function answer(
  prepare: (workload: Workload) => Task | undefined | Promise<Task | undefined>,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): Promise<void> {
  const say = (message: unknown): void => void output.write(`${JSON.stringify(message)}\n`);
  let time = timer({ run: () => undefined, read: () => [] });
  say({ ready: true });
  for await (const line of createInterface({ input })) {
    const request = JSON.parse(line) as Request;
    try {
      if ("prepare" in request) {
        const task = await prepare(request.prepare);
        if (task) {
          const result = task.run() as never;
          say({ digest: digest(await task.read(result)) });
          task.free?.(result);
          time = timer(task);
        } else say({ missing: true });
      } else say({ samples: await time(request.time) });
    } catch (error) {
      say({ error: String(error) });
    }
  }
}
