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

/** Milliseconds of single runs; short ones are timed several together, and with nothing but the run itself if it is synchronous. */
async function samples(task: Task, budget: number): Promise<number[]> {
  const { run, free, wait } = task;
  const batch = async (count: number): Promise<number> => {
    const begin = performance.now();
    if (wait) for (let i = 0; i < count; i++) await once(task);
    else if (free) for (let i = 0; i < count; i++) free(run() as never);
    else for (let i = 0; i < count; i++) run();
    return performance.now() - begin;
  };
  const start = performance.now();
  let count = 1;
  do if ((await batch(count)) < 0.5 && count < 1e5) count *= 2;
  while (performance.now() - start < budget / 3);
  const found: number[] = [];
  do found.push((await batch(count)) / count);
  while (performance.now() - start < budget || found.length < 3);
  return found;
}

/** Answers until the bench has no more questions. `prepare` gives undefined for what the peer cannot do. */
export async function answer(prepare: (workload: Workload) => Task | undefined | Promise<Task | undefined>): Promise<void> {
  const say = (message: unknown): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
  let task: Task | undefined;
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      if ("prepare" in request) {
        task = await prepare(request.prepare);
        const result = task?.run() as never;
        say(task ? { digest: digest(await task.read(result)) } : { missing: true });
        if (task) task.free?.(result);
      } else say({ samples: await samples(task as Task, request.time) });
    } catch (error) {
      say({ error: String(error) });
    }
  }
}
