import { compile } from "./compile.js";
import type { Failure, Program, Report } from "./messages.js";

/** Seconds after which an example is stopped. */
const limit = 60;

/** Workers that wait for an example, with the modules of the last one loaded. */
const idle: Worker[] = [];

/** The state of a run of an example; `stop` ends it. */
export interface Run {
  readonly ended: Promise<Failure | undefined>;
  readonly stop: () => void;
}

/** Runs TypeScript as a module of its own, in a worker. The value of each statement that is an expression is shown, in order. */
export function run(code: string, show: (report: Exclude<Report, { ended: unknown }>) => void): Run {
  const { promise, resolve } = withResolvers<Failure | undefined>();
  let wanted = true;
  let stop = (): void => {
    wanted = false;
    resolve(stopped());
  };
  void compile(code).then((program) => {
    if (!("javascript" in program)) resolve(program);
    else if (wanted) stop = start(program, show, resolve);
  });
  return { ended: promise, stop: () => stop() };
}

function start(program: Program, show: (report: Exclude<Report, { ended: unknown }>) => void, resolve: (failure?: Failure) => void) {
  const worker = idle.pop() ?? new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const end = (failure: Failure | undefined, keep: boolean): void => {
    clearTimeout(timer);
    worker.onmessage = worker.onerror = null;
    if (keep) idle.push(worker);
    else worker.terminate();
    resolve(failure);
  };
  const timer = setTimeout(() => end(stopped(limit), false), limit * 1000);
  worker.onmessage = ({ data }: MessageEvent<Report>) => ("ended" in data ? end(data.ended, true) : show(data));
  worker.onerror = ({ message }) => end({ message: message || "The worker that runs examples did not start.", line: undefined }, false);
  worker.postMessage(program);
  return () => end(stopped(), false);
}

const stopped = (seconds?: number): Failure => ({
  message: seconds
    ? `Stopped after ${seconds} s. A loop whose condition is an array never ends, because an array is always true: use whileLoop, or item().`
    : "Stopped.",
  line: undefined,
});

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
