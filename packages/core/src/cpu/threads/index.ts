import { DTypeError, describe } from "../../engine/errors.js";
import { setThreadPool, start as startKernels, type WasmKernels } from "../wasm/module.js";
import { SharedThreadPool } from "./pool.js";
import { sharing } from "./shared.js";
import { type Job, serve, work } from "./work.js";

interface Shared {
  readonly module: object;
  readonly memory: { readonly buffer: SharedArrayBuffer };
  readonly kernels: WasmKernels;
}

interface Worker {
  terminate(): unknown;
}

interface NodeWorker extends Worker {
  unref(): void;
  on(event: "error", listener: (error: unknown) => void): void;
}

interface PageWorker extends Worker {
  onerror: ((event: { readonly message?: string }) => void) | null;
  postMessage(message: unknown): void;
}

/** Globals of Node and of browsers; each of them is missing somewhere. */
declare const globalThis: {
  readonly process?: {
    getBuiltinModule?(name: "node:worker_threads"): { readonly Worker: new (source: string, options: object) => NodeWorker } | undefined;
  };
  readonly Worker?: new (url: string, options: object) => PageWorker;
  readonly crossOriginIsolated?: boolean;
  readonly SharedArrayBuffer?: unknown;
};
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => Shared["module"];
  Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Shared["memory"];
  Instance: new (module: object, imports: object) => { exports: unknown };
};
declare const Blob: new (parts: string[], options: object) => object;
declare const URL: { createObjectURL(blob: object): string };
declare const console: { warn(message: string): void };

/** 16 MiB: the largest parts of a product that are computed at a time have room. */
const pages = 256;

/** Copying operands, which one thread does, takes a twentieth of the time: more threads are not faster. */
const maxThreads = 16;

let shared: Shared | undefined;
let url: string | undefined;
let stop: (() => void) | undefined;
let threads = 1;
let warned = false;

/** Back to one thread. */
function dismiss(): void {
  stop?.();
  stop = undefined;
  threads = 1;
  setThreadPool(undefined);
}

function giveUp(why: unknown): void {
  dismiss();
  if (!warned) console.warn(`setThreads: @ad/core computes on one thread (${why}).`);
  warned = true;
}

function share(): Shared {
  const module = new WebAssembly.Module(sharing(startKernels().bytes, pages));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(module, { "": { "": memory } });
  return { module, memory, kernels: exports as WasmKernels };
}

/** Node's worker does not keep its process alive, and has none of its options. */
function start(job: Job, failed: (why: unknown) => void): Worker {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (node) {
    const source = `(${serve})(require("node:worker_threads").workerData, ${work})`;
    const worker = new node.Worker(source, { eval: true, workerData: job, execArgv: [], env: {}, name: "@ad/core" });
    worker.unref();
    worker.on("error", failed);
    return worker;
  }
  if (!globalThis.Worker) throw new Error("there is no Worker here; Node has what it takes from 20.16 on");
  url ??= URL.createObjectURL(new Blob([`onmessage = ({ data }) => (${serve})(data, ${work})`], { type: "text/javascript" }));
  const worker = new globalThis.Worker(url, { name: "@ad/core" });
  worker.onerror = ({ message }) => failed(message ?? "a worker could not be started; a content security policy may say who can");
  worker.postMessage(job);
  return worker;
}

/**
 * Computes large products of float arrays, and functions like exp and sin of large arrays, on n threads: the calling one and n - 1
 * workers. The results are the same, bit for bit. Off by default. It returns at once, and the workers join as they come up: in Node
 * after some milliseconds, in a page not before its script has returned to the event loop. Until then, and wherever there can be none,
 * everything is computed on the calling thread. They end with the process or page, and keep neither alive. On cores that are busy
 * with something else threads make a program slower.
 *
 * In a page it needs cross-origin isolation (the headers `Cross-Origin-Opener-Policy: same-origin` and
 * `Cross-Origin-Embedder-Policy: require-corp`) and, where there is a content security policy, `worker-src blob:`; in Node 20.16.
 * If that is missing, or a worker is lost, one warning says so, and one thread computes.
 *
 * @param n how many threads compute; 1 and 0 are the calling one alone. There may be more than the machine has cores, which helps
 * nobody; above 16 it is 16. May be called again at any time
 * @throws DTypeError where n is no whole number, or negative
 * @example
 * setThreads(2);
 * const x = ones([512, 512], "float32");
 * x.matmul(x).sum().item(); // 134217728
 * setThreads(1);
 */
export function setThreads(n: number): void {
  if (!Number.isInteger(n) || n < 0) throw new DTypeError(`setThreads: n is ${describe(n)}; give a whole number, 1 for no workers.`);
  const wanted = Math.min(Math.max(n, 1), maxThreads);
  if (wanted === threads) return;
  dismiss();
  if (wanted === 1) return;
  if (globalThis.SharedArrayBuffer === undefined || globalThis.crossOriginIsolated === false)
    return giveUp("there is no shared memory: the page is not cross-origin isolated");
  const workers: Worker[] = [];
  let mine = true;
  const failed = (why: unknown): void => {
    if (mine) giveUp(why instanceof Error ? why.message : why);
  };
  stop = () => {
    mine = false;
    for (const worker of workers) worker.terminate();
  };
  try {
    const { module, memory, kernels } = (shared ??= share());
    const pool = new SharedThreadPool(kernels, memory, wanted, () => {
      // A worker that is lost may still write into the memory.
      shared = undefined;
      failed("a worker did not come back");
    });
    for (let i = 1; i < wanted; i++) workers.push(start({ module, memory, words: pool.words }, failed));
    threads = wanted;
    setThreadPool(pool, () => {
      dismiss();
      shared = undefined;
      setThreads(wanted);
    });
  } catch (error) {
    failed(error);
  }
}
