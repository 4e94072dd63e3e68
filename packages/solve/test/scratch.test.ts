import { test } from "vitest";
import { trustStep } from "../src/least-squares/kernel.js";
test("speed", () => {
 for (const m of [100, 1000]) for (const radius of [1e9, 0.01]) {
  const c = Float64Array.from({length: 10 * m}, (_, i) => Math.sin(i * i)), r = Float64Array.from({length: m}, (_, i) => Math.cos(i * 3));
  const all = [c, r, new Float64Array(10), new Float64Array(10).fill(1), [radius]];
  const out = new Float64Array(40);
  let b = 1e9;
  for (let k = 0; k < 30; k++) { const s = performance.now(); for (let i = 0; i < 20; i++) trustStep(false, all, m, 10, out); b = Math.min(b, (performance.now() - s) / 20); }
  console.log(m, radius, "kernel", b);
 }
}, 100000);
