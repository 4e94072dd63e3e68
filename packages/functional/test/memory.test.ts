import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { array, grad, type NDArray, zeros } from "@ad/core";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { hvp, jacrev } from "../src/index.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const [size, steps] = [1 << 17, 12];
const x = array(new Float64Array(size).fill(0.5));

const held = (): number => {
  // The first frees the arrays, the second their storage.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers / (8 * size);
};

test.each<[string, (f: (x: NDArray) => NDArray) => unknown]>([
  ["jacrev", (f) => jacrev(f)(x)],
  ["vmap(grad)", (f) => vmap(grad(f))(x.reshape(1, -1))],
  ["hvp", (f) => hvp(f, [x], [x])],
])("%s: a step that multiplies by a fresh array leaves that one array on the tape", (_, transform) => {
  let found: [number, number] | undefined;
  transform((x: NDArray) => {
    let s = x.mul(0).sum();
    let first = 0;
    for (let i = 0; i < steps; i++) {
      s = s.add(x.mul(zeros([size]).add(i).exp()).sum());
      if (i === 1) first = held();
    }
    found ??= [first, held()];
    return s;
  });
  const [first, last] = found as [number, number];
  // One array more or less is the garbage collector's.
  expect(Math.abs(last - first - (steps - 2))).toBeLessThan(2.1);
});
