import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

// With this condition an import of @ad/core reaches packages/core/src: tests need no build.
const source = "@ad/source";

const roots = {
  core: "packages/core",
  forward: "packages/forward",
  vmap: "packages/vmap",
  functional: "packages/functional",
  gpu: "packages/gpu",
  conformance: "tools/conformance",
  checks: "tools/checks",
  bench: "apps/bench",
};

export default defineConfig({
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  test: {
    pool: "threads",
    passWithNoTests: true,
    reporters: ["default", "./tools/scripts/closing-line.ts"],
    projects: Object.entries(roots).map(([name, root]) => ({
      extends: true as const,
      test: { name, root, include: ["test/**/*.test.ts"] },
    })),
  },
});
