import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Found, Peak, Program } from "./programs.js";

export const sides = ["ad", "torch", "jax"] as const;
export type Side = (typeof sides)[number];

const folder = fileURLToPath(new URL("../../peers/", import.meta.url));
/** The Python with torch or jax: AD_PYTHON, or python3 of the path. */
const python = process.env.AD_PYTHON ?? "python3";

/** Milliseconds after which a peer is ended. */
const patience = 90_000;

/** One thread; and what is freed goes back to the system at once, so that a peer's peak is what it holds, without holes between. */
const environment = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MALLOC_MMAP_THRESHOLD_: "65536" };

const absent = new Map<Side, string | undefined>();

/** Returns the reason for which a peer cannot be asked on this machine, or undefined. */
function absence(side: Side): string | undefined {
  if (!absent.has(side)) {
    const { status } = spawnSync(python, ["-c", `import importlib.util as u; raise SystemExit(u.find_spec("${side}") is None)`]);
    absent.set(side, status === 0 ? undefined : `no module ${side}`);
  }
  return absent.get(side);
}

/** Returns the finding of a peer for a program, or the reason for none: it is not here, takes too long or computes something else than we do. */
export function peakOfPeer(side: Side, { name, steps, n }: Program, own: Found | undefined): Found {
  const missing = absence(side);
  if (missing !== undefined) return { missing };
  const { stdout, error } = spawnSync(python, [`${folder}${side}_memory.py`, name, String(steps), String(n)], {
    encoding: "utf8",
    timeout: patience,
    env: { ...process.env, ...environment },
  });
  if (error) return { missing: (error as NodeJS.ErrnoException).code === "ETIMEDOUT" ? `> ${patience / 1000} s` : error.message };
  return compared(stdout, own);
}

/** Of what a peer says the last line, where it is what we have found. */
export function compared(said: string, own: Found | undefined): Found {
  const last = said.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) return { missing: "error" };
  const found = JSON.parse(last) as Peak;
  if (own === undefined || "missing" in own) return found;
  const off = Math.abs(found.digest - own.digest);
  return off <= 1e-6 * Math.max(1, Math.abs(own.digest)) ? found : { missing: `≠ ${off.toExponential(0)}` };
}
