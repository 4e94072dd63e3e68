import { readFileSync } from "node:fs";
import { array } from "@ad/core";
import { leastSquares } from "@ad/solve";
import { test } from "vitest";
import { models } from "./strd.js";
const sets = JSON.parse(readFileSync(new URL("expectations/strd.json", import.meta.url), "utf8"));
test("x", () => {
  const lines: string[] = [];
  for (const method of ["lm", "dogleg"] as const)
  for (const [name, d] of Object.entries<any>(sets)) for (const k of [0, 1]) {
    const x = array(d.x), y = name === "Nelson" ? array(d.y).log() : array(d.y);
    const t = performance.now();
    try {
    const r = leastSquares((b) => models[name](x, b).sub(y), array(d.starts[k]), {method});
    const b = r.x.toArray() as number[];
    const digits = Math.min(...b.map((v, i) => -Math.log10(Math.abs(v / d.certified[i] - 1) + 1e-16)));
    lines.push(`${method} ${name} ${k + 1} digits ${digits.toFixed(1)} it ${r.iterations} ev ${r.evaluations} ${r.status} cost ${2 * (r.cost.item() as number)} ${d.sumOfSquares} ${(performance.now() - t).toFixed(0)} ms`);
    } catch (e) { lines.push(name + " " + k + " " + (e as Error).stack?.slice(0, 600)); }
  }
  console.log(lines.join("\n"));
}, 200000);
