import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Peer, Workload } from "./workloads.js";

const folder = fileURLToPath(new URL("../../peers/", import.meta.url));
const here = fileURLToPath(new URL("./", import.meta.url));
/** The Node that jax-js needs: this one, or the one that comes with the peers. */
const node24 = Number(process.versions.node.split(".")[0]) >= 24 ? process.execPath : `${folder}node_modules/.bin/node`;

/** The Python with torch or jax: AD_PYTHON, or python3 of the path. */
export const python = process.env.AD_PYTHON ?? "python3";

/** The peers of all workloads, and those of sparse matrices and of compiled programs. */
type AnyPeer = Peer | "casadi" | "jax-js programs";

const commands: Readonly<Record<AnyPeer, readonly string[]>> = {
  ad: [process.execPath, `${here}ad.js`],
  "tfjs cpu": [process.execPath, `${folder}tfjs.mjs`, "cpu"],
  "tfjs wasm": [process.execPath, `${folder}tfjs.mjs`, "wasm"],
  "jax-js": [node24, `${folder}jax-js.mjs`, "eager"],
  "jax-js jit": [node24, `${folder}jax-js.mjs`, "jit"],
  "jax-js programs": [node24, `${folder}jax-js-jit.mjs`],
  torch: [python, `${folder}torch_peer.py`],
  "jax jit": [python, `${folder}jax_peer.py`],
  casadi: [python, `${folder}casadi_sparse.py`],
};

/** Returns the time at which a file was written; a file that is not there was never written. */
const written = (file: string): number => statSync(`${folder}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Installs the peers that come from npm, once for each of their lock files. False: it could not. */
export function install(say: (line: string) => void): boolean {
  if (written("node_modules/.package-lock.json") >= written("package-lock.json")) return true;
  say("installing the peers that come from npm (about 430 MB, once)");
  const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder, encoding: "utf8" });
  if (status !== 0) say(stderr.trim());
  return status === 0;
}

/** Returns the reason for which a peer cannot be asked on this machine, or undefined. */
export function absence(peer: AnyPeer, isInstalled: boolean): string | undefined {
  if (peer === "ad") return undefined;
  const module = peer === "torch" || peer === "casadi" ? peer : peer === "jax jit" ? "jax" : undefined;
  if (module === undefined && !isInstalled) return "npm could not install it";
  if (module === undefined) return commands[peer][0] !== node24 || existsSync(node24) ? undefined : "npm has no Node 24 for this machine";
  const { status } = spawnSync(python, ["-c", `import importlib.util as u; raise SystemExit(u.find_spec("${module}") is None)`]);
  return status === 0 ? undefined : `${python} has no module ${module}; AD_PYTHON names another Python`;
}

/** The versions of the Python and its modules that the peers run on, as far as they are there. */
export function pythonVersions(): Readonly<Record<string, string>> {
  const script = `
import importlib.metadata as m, json, platform
found = {"Python": platform.python_version()}
for name, title in [("torch", "PyTorch"), ("jax", "JAX")]:
    try: found[title] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))`;
  const { status, stdout } = spawnSync(python, ["-c", script], { encoding: "utf8" });
  return status === 0 ? JSON.parse(stdout) : {};
}

export type Reply =
  | { readonly ready: true }
  | { readonly digest: readonly number[] }
  | { readonly missing: true }
  | { readonly samples: readonly number[] }
  | { readonly error: string };

/** A peer at work in a process of its own, which answers one question after the other. */
export class Conversation<P extends AnyPeer = AnyPeer> {
  readonly #process: ChildProcess;
  readonly #replies: AsyncIterator<string>;
  #stderr = "";

  constructor(
    readonly peer: P,
    [command, ...args]: readonly string[] = commands[peer],
    /** Milliseconds after which a peer that does not answer is ended. */
    private readonly patience = 180_000,
  ) {
    const env = { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env });
    this.#process.stderr?.on("data", (text: Buffer) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-2000);
    });
    this.#process.on("error", (error) => {
      this.#stderr += error.message;
    });
    // Something may be written to a process that has just ended.
    this.#process.stdin?.on("error", () => {});
    this.#replies = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** The next thing that the peer says; what is no message of the protocol (a library's greeting) is passed over. */
  async hear(): Promise<Reply> {
    for (;;) {
      const { value, done } = await this.#replies.next();
      if (done) return { error: `its process ended. ${this.#stderr.trim().split("\n").at(-1) ?? ""}` };
      if (value.startsWith("{")) return JSON.parse(value) as Reply;
    }
  }

  prepare(workload: Pick<Workload, "dtype"> & { readonly kind: string }): Promise<Reply> {
    return this.#ask({ prepare: workload });
  }

  /** Times what was prepared last, for the given milliseconds. */
  time(milliseconds: number): Promise<Reply> {
    return this.#ask({ time: milliseconds });
  }

  end(): void {
    this.#process.kill();
  }

  #ask(question: unknown): Promise<Reply> {
    if (this.#process.exitCode !== null) return Promise.resolve({ error: "its process has ended" });
    this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    const timer = setTimeout(() => {
      this.#stderr += `\nNo answer within ${this.patience / 1000} s.`;
      this.end();
    }, this.patience);
    return this.hear().finally(() => clearTimeout(timer));
  }
}
