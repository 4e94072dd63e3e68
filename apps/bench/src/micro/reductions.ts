// Reductions by axis, length, layout and dtype, beside PyTorch: pnpm --filter @ad/bench reductions
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type DType, linspace, type NDArray } from "@ad/core";

const size = 200_000;
const lengths = [2, 3, 4, 10, 100, 10_000];
const dtypes = ["float64", "float32", "int32"] as const satisfies readonly DType[];
const places = ["last", "first", "middle"] as const;
const layouts = ["whole", "every other"] as const;

const operations: Readonly<Record<string, (x: NDArray, axis: number) => NDArray>> = {
  sum: (x, axis) => x.sum(axis),
  mean: (x, axis) => x.mean(axis),
  max: (x, axis) => x.max(axis),
  min: (x, axis) => x.min(axis),
  prod: (x, axis) => x.prod(axis),
  logsumexp: (x, axis) => x.logsumexp(axis),
  softmax: (x, axis) => x.softmax(axis),
};
const ofFloats = new Set(["mean", "logsumexp", "softmax"]);

/** The fastest run of a tenth of a second, in which the engine has compiled its kernels for good, or of ten, in microseconds. */
function fastest(run: () => unknown): number {
  run();
  let best = Number.POSITIVE_INFINITY;
  for (let [end, runs] = [performance.now() + 100, 0]; performance.now() < end || runs < 10; runs++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best * 1000;
}

/** PyTorch's times by the same names, where Python has it. */
function peer(): Readonly<Record<string, number>> {
  try {
    const script = fileURLToPath(new URL("../../peers/torch_reductions.py", import.meta.url));
    return JSON.parse(
      execFileSync(process.env.AD_PYTHON ?? "python3", [script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
  } catch {
    console.log("PyTorch is not here: microseconds in place of ratios.");
    return {};
  }
}

const others = peer();
for (const [name, operation] of Object.entries(operations)) {
  console.log(`\n  ${name.padEnd(30)}${lengths.map((length) => String(length).padStart(8)).join("")}`);
  for (const dtype of dtypes)
    for (const place of places)
      for (const layout of layouts) {
        if (dtype === "int32" && ofFloats.has(name)) continue;
        const cells = lengths.map((length) => {
          const n = size / length;
          const shape = { last: [n, length], first: [length, n], middle: [Math.max(1, n / 16), length, 16] }[place].map(Math.floor);
          const step = layout === "whole" ? 1 : 2;
          const whole = [...shape.slice(0, -1), shape[shape.length - 1] * step];
          const scale = dtype === "int32" ? 10 : 1;
          const x = linspace(
            0.5 * scale,
            1.5 * scale,
            whole.reduce((a, b) => a * b),
          )
            .astype(dtype)
            .reshape(whole)
            .slice("...", [0, whole[whole.length - 1], step]);
          const time = fastest(() => operation(x, place === "last" ? shape.length - 1 : place === "first" ? 0 : 1));
          const other = others[[name, dtype, place, layout, length].join(" ")];
          return (other === undefined ? time : time / other).toFixed(1).padStart(8);
        });
        console.log(`    ${dtype.padEnd(9)}${place.padEnd(8)}${layout.padEnd(11)}${cells.join("")}`);
      }
}
