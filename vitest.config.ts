import { availableParallelism } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { chromium, flags } from "./tools/scripts/chromium.mjs";
import { LongestFirst } from "./tools/scripts/longest-first.js";
import { turn } from "./tools/scripts/turn.mjs";

// With this condition an import of @ad/core reaches packages/core/src: tests need no build.
const source = "@ad/source";

const roots = {
  core: "packages/core",
  forward: "packages/forward",
  vmap: "packages/vmap",
  functional: "packages/functional",
  jit: "packages/jit",
  random: "packages/random",
  sparse: "packages/sparse",
  solve: "packages/solve",
  fft: "packages/fft",
  "eslint-plugin": "packages/eslint-plugin",
  conformance: "tools/conformance",
  checks: "tools/checks",
  bench: "apps/bench",
  docs: "apps/docs",
};

/** Of these, files share the modules of a worker: whatever one of them changes there, it puts back. */
const sharing = new Set(["core", "forward", "vmap", "functional", "jit", "random", "sparse", "solve", "fft", "conformance"]);

/** Tests that load modules anew, start threads, weigh memory or compile kernels: each of these files has modules and a worker of its own. */
const apart = [
  ...["cpu/threads/**", "cpu/wasm/{binary,module}", "cpu/memory", "reverse/memory", "engine/trace"].map((path) => `core/test/${path}`),
  "functional/test/memory",
  "jit/test/memory",
].map((path) => `packages/${path}.test.ts`);

type Name = keyof typeof roots;
const names = Object.keys(roots) as Name[];
const testsOf = (name: Name): string => `${roots[name]}/test/**/*.test.ts`;
const isSharing = (name: Name): boolean => sharing.has(name);

/** A project of tests that run in Node. */
const project = (name: string, include: readonly string[], isolate: boolean) => ({
  extends: true as const,
  test: { name, include: [...include], exclude: isolate ? [] : apart, isolate },
});

const each = [...names.map((name) => project(name, [testsOf(name)], !isSharing(name))), project("core-apart", apart, true)];

/** A project transforms and loads the sources for itself, so those of one kind are one project where all are run. */
const together = [
  project("sharing", names.filter(isSharing).map(testsOf), false),
  project("apart", [...names.filter((name) => !isSharing(name)).map(testsOf), ...apart], true),
];

/** The random programs that a person asks for (CONTRIBUTING.md); a browser sees no environment. */
const { AD_FUZZ_RUNS, AD_FUZZ_SEED } = process.env;
const fuzz = AD_FUZZ_RUNS || AD_FUZZ_SEED ? { runs: Number(AD_FUZZ_RUNS ?? 24), seed: Number(AD_FUZZ_SEED ?? 20) } : null;

/** In a real browser: WebGL2, on SwiftShader where the machine has no GPU. */
const browser = {
  extends: true as const,
  // Known from the start: what is found while tests run makes the page load again.
  optimizeDeps: { include: ["fast-check"] },
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
      "Cross-Origin-Resource-Policy": "same-origin",
    },
  },
  test: {
    name: "gpu",
    root: "packages/gpu",
    include: ["test/**/*.test.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: "chromium" as const }],
      provider: playwright({ launchOptions: { executablePath: chromium(), args: flags } }),
    },
  },
};

export default defineConfig({
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  test: {
    pool: "threads",
    // The thread that reads the results has little to do: no core is left to it.
    maxWorkers: availableParallelism(),
    // A busy machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    // For tests that open a browser of their own, and for proofs that are made in turns.
    provide: { browser: { executablePath: chromium() ?? null, args: flags }, turn: turn(), fuzz },
    reporters: ["default", "./tools/scripts/closing-line.ts"],
    projects: [...(process.argv.some((word) => word.startsWith("--project")) ? each : together), browser],
  },
});
