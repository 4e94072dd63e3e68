// Random programs on a batch: what is claimed of their rows is held against the whole Jacobian.
import { array, concatenate, eye, matmul, type NDArray, softmax, sort, stack, TransformError, where } from "@ad/core";
import { expectClose } from "@ad/expect";
import { assert, constantFrom, array as listOf, property } from "fast-check";
import { expect, test } from "vitest";
import { keepsRowsApart } from "../src/across.js";
import { flatFunction } from "../src/flat.js";
import { batchJacobian, jacobian } from "../src/index.js";

const [B, n] = [4, 3];
const X = array(Array.from({ length: B }, (_, i) => Array.from({ length: n }, (_, j) => Math.sin(1.7 * (i * n + j) + 0.3) + 0.1 * i)));
const W = array([
  [1, 2, -1],
  [0.5, 0.3, 1],
  [-0.2, 1, 0.7],
]);

/** Steps from [B, n] to [B, n]. Those of the first list keep rows apart. */
const apart: Record<string, (x: NDArray) => NDArray> = {
  sin: (x) => x.sin(),
  matmul: (x) => x.matmul(W),
  "matmul from the left, transposed": (x) => W.matmul(x.T).T,
  "softmax of rows": (x) => softmax(x, 1),
  "sums of rows": (x) => x.sub(x.sum(1, { keepdims: true })),
  "cumsum of rows": (x) => x.cumsum(1),
  "rows backwards": (x) => x.flip(1),
  "by the identity": (x) => eye(B).matmul(x),
  "merged and parted": (x) =>
    stack([x, x.square()], 1)
      .reshape(B * 2, n)
      .matmul(W)
      .reshape(B, 2, n)
      .max(1),
  "slices of rows": (x) => concatenate([x.slice(":", [1, null]), x.slice(":", [0, 1])], 1),
  "padded and cut": (x) =>
    x
      .pad([
        [0, 0],
        [1, 2],
      ])
      .slice(":", [1, 1 + n]),
  where: (x) => where(x.greater(0), x, x.exp()),
  "taken columns": (x) => x.take([2, 0, 1], 1),
  "outer products": (x) => matmul(x.expandDims(2), x.expandDims(1)).sum(2),
};
const mixing: Record<string, (x: NDArray) => NDArray> = {
  "less the mean": (x) => x.sub(x.mean(0)),
  "softmax of columns": (x) => softmax(x, 0),
  "cumsum of columns": (x) => x.cumsum(0),
  "columns backwards": (x) => x.flip(0),
  "columns rolled": (x) => x.roll(1, 0),
  "sorted columns": (x) => sort(x, 0),
  "one row": (x) => x.mul(x.slice(1)),
  "read in another order": (x) => x.T.reshape(B, n),
  attention: (x) => softmax(x.matmul(x.T), 1).matmul(x),
  "taken rows": (x) => x.take([1, 0, 3, 2], 0),
  "parted rows": (x) => x.reshape(2, 2, n).flip(1).reshape(B, n),
  "sums of pairs": (x) => x.reshape(2, 2, n).sum(1, { keepdims: true }).broadcastTo([2, 2, n]).reshape(B, n),
};
const steps: Record<string, (x: NDArray) => NDArray> = { ...apart, ...mixing };

const program =
  (names: readonly string[]) =>
  (x: NDArray): NDArray =>
    names.reduce((y, name) => steps[name](y), x);

function verified(f: (x: NDArray) => NDArray): boolean {
  try {
    batchJacobian(f, { interactions: "verify" })(X);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(TransformError);
    expect((error as Error).message).toMatch(/^batchJacobian: rows mix: row/);
    return false;
  }
}

const holds = (names: readonly string[]): void => {
  const f = program(names);
  const J = jacobian(f)(X);
  const rows = Array.from({ length: B }, (_, i) => i);
  const outside = rows.some((i) => rows.some((j) => i !== j && J.take(i, 0).take(j, 1).notEqual(0).any().item<boolean>() === true));
  // A function that verify lets through keeps rows apart. (The contrary need not hold: terms that mix rows may cancel in the whole Jacobian.)
  if (verified(f)) expect(outside).toBe(false);
  const blocks = stack(rows.map((i) => J.take(i, 0).take(i, 1)));
  expectClose(batchJacobian(f, { interactions: "diagonal" })(X), blocks.toArray() as number[][][], 9);
};

test.each(Object.keys(apart))("%s keeps rows apart, alone and twice", (name) => {
  for (const names of [[name], [name, name]]) {
    holds(names);
    expect(verified(program(names))).toBe(true);
  }
});
test.each(Object.keys(steps))("the proof about %s is right, and found where there is one", (name) => {
  const g = flatFunction("test", steps[name], [X], {});
  // That the identity keeps them apart is a matter of its numbers.
  expect(keepsRowsApart(g, B)).toBe(name in apart && name !== "by the identity");
});
test.each(Object.keys(mixing))("%s mixes rows, whatever comes before and after", (name) => {
  for (const names of [[name], ["sin", name], [name, "matmul"]]) {
    holds(names);
    expect(verified(program(names))).toBe(false);
  }
});
test("random programs", () => {
  assert(property(listOf(constantFrom(...Object.keys(apart)), { minLength: 1, maxLength: 5 }), holds), { numRuns: 60, seed: 1 });
  assert(property(listOf(constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 5 }), holds), { numRuns: 60, seed: 2 });
});
