import type { NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { test } from "vitest";
import { minimize } from "../src/index.js";
import { problems } from "./more-garbow-hillstrom.js";

test("x", () => {
  for (const { name, start, residuals, minima } of problems) {
    const f = (x: NDArray) => residuals(x).square().sum();
    const line: string[] = [];
    for (const method of ["bfgs", "lbfgs", "newton-cg", "trust"] as const) {
      try {
        const t = performance.now();
        const run = jit((x: NDArray) => {
          const r = minimize(f, x, { method, maxIterations: 20000 });
          return [r.value, r.status, r.iterations, r.evaluations];
        });
        const [v, s, it, ev] = run(start).map((a) => a.item() as number);
        const ok = minima.some((m) => (m === 0 ? v < 1e-9 : Math.abs(v - m) < 2e-6 * m + 0));
        line.push(`${ok ? "ok" : "BAD " + v} s${s} ${it}/${ev} ${(performance.now() - t).toFixed(0)}ms`);
      } catch (e) {
        line.push(String(e).slice(0, 60));
      }
    }
    console.log(name, "|", line.join(" | "));
  }
}, 600000);
