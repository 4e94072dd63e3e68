import {
  array,
  cond,
  crossEntropy,
  debugNaNs,
  debugPrint,
  foriLoop,
  grad,
  type NDArray,
  nllLoss,
  oneHot,
  quantile,
  scan,
  stack,
  valueAndGrad,
  whileLoop,
} from "@ad/core";
import { call, type Operation } from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { afterAll, describe, expect, test, vi } from "vitest";
import { jit } from "../src/index.js";

const log = vi.spyOn(console, "log").mockImplementation(() => {});
afterAll(() => log.mockRestore());
const printed = (run: () => unknown): unknown[] => {
  log.mockClear();
  run();
  return log.mock.calls.map(([line]) => line);
};

const f = (x: NDArray): NDArray => debugPrint("x", x).square().sum();
const x = array([1, 2]);

test("each run of a program prints, and its result need not be used", () => {
  const run = jit((x: NDArray) => {
    debugPrint("x", x);
    return x.add(1);
  });
  expect(printed(() => run(x))).toEqual(["x: array([1., 2.])"]);
  expect(printed(() => run(x))).toEqual(["x: array([1., 2.])"]);
  expect(printed(() => run(array([3, 4])))).toEqual(["x: array([3., 4.])"]);
});

test("prints keep their order", () => {
  const run = jit((x: NDArray) => {
    const y = debugPrint("a", x.mul(2));
    debugPrint("b", x);
    return debugPrint("c", y.add(1));
  });
  for (let i = 0; i < 2; i++) expect(printed(() => run(array(1)))).toEqual(["a: array(2.)", "b: array(1.)", "c: array(3.)"]);
});

test("derivatives print values once, and no cotangents; lanes are printed together", () => {
  for (const own of [grad(f), jit(grad(f)), grad(jit(f))]) {
    expect(printed(() => own(x))).toEqual(["x: array([1., 2.])"]);
    log.mockClear();
    expect(own(x).toArray()).toEqual([2, 4]);
  }
  for (const own of [
    (x: NDArray) => jvp(f, [x], [x]),
    (x: NDArray) => jit((x: NDArray) => jvp(f, [x], [x]))(x),
    (x: NDArray) => jvp(jit(f), [x], [x]),
  ])
    expect(printed(() => own(x))).toEqual(["x: array([1., 2.])"]);
  const xs = array([
    [1, 2],
    [3, 4],
  ]);
  for (const own of [vmap(f), jit(vmap(f)), vmap(jit(f)), jit(vmap(grad(f))), grad((xs: NDArray) => jit(vmap(f))(xs).sum())])
    expect(printed(() => own(xs))).toEqual([`x: ${xs.toString()}`]);
});

test("each leaf of a tree is printed in each run", () => {
  const step = (s: { y: NDArray; x: NDArray }): NDArray => {
    const { y, x } = debugPrint("s", s);
    return y.mul(x).sum();
  };
  const wanted = ["s.x: array([1., 2.])", "s.y: array([2., 4.])"];
  for (const own of [jit((x: NDArray) => step({ y: x.mul(2), x })), jit(grad((x: NDArray) => step({ y: x.mul(2), x })))])
    for (let i = 0; i < 2; i++) expect(printed(() => own(x))).toEqual(wanted);
});

test("a tree without arrays depends on no argument: it is printed when the program is traced", () => {
  const run = jit((x: NDArray) => {
    debugPrint("e", { a: [], b: null });
    return x.add(1);
  });
  expect(printed(() => expect(run(array(1)).item()).toBe(2))).toEqual(["e: { a: [], b: null }"]);
  expect(printed(() => run(array(2)))).toEqual([]);
});

test("lanes that are not in a branch or a turn are printed as one that is", () => {
  const choose = (x: NDArray): NDArray =>
    cond(
      x.greater(0),
      () => debugPrint("yes", x),
      () => debugPrint("no", x),
    );
  const until = (x: NDArray): NDArray =>
    whileLoop(
      (s: NDArray) => s.less(10),
      (s: NDArray) => debugPrint("s", s).mul(2),
      x,
    );
  for (const around of [vmap, (f: typeof choose) => jit(vmap(f)), (f: typeof choose) => vmap(jit(f))]) {
    expect(printed(() => around(choose)(array([1, -2, 3])))).toEqual(["no: array([-2., -2., -2.])", "yes: array([1., 1., 3.])"]);
    expect(printed(() => around(until)(array([3, 6])))).toEqual(["s: array([3., 6.])", "s: array([6., 6.])"]);
  }
});

test("cond prints in the branch that is taken, once under grad too", () => {
  const choose = (x: NDArray): NDArray =>
    cond(
      x.greater(0),
      () => debugPrint("yes", x).square(),
      () => debugPrint("no", x).neg(),
    );
  for (const own of [choose, jit(choose), jit(grad(choose)), grad(jit(choose))]) {
    expect(printed(() => own(array(3)))).toEqual(["yes: array(3.)"]);
    expect(printed(() => own(array(-3)))).toEqual(["no: array(-3.)"]);
  }
});

test("loops print in each turn, once under grad too", () => {
  const turns = ["s: array(1.)", "s: array(2.)", "s: array(4.)"];
  const along = (x: NDArray): NDArray => scan((s: NDArray, row: NDArray) => [debugPrint("s", s).mul(row), null], x, array([2, 2, 2]))[0];
  const saving = (x: NDArray): NDArray =>
    scan((s: NDArray, row: NDArray) => [debugPrint("s", s).mul(row).abs(), null], x, array([2, 2, 2]), { checkpoint: true })[0];
  const counted = (x: NDArray): NDArray => foriLoop(0, 3, (_, s: NDArray) => debugPrint("s", s).mul(2).abs(), x);
  const until = (x: NDArray): NDArray =>
    whileLoop(
      (s: NDArray) => s.less(8),
      (s: NDArray) => debugPrint("s", s).mul(2).mul(x),
      x,
    );
  for (const own of [along, saving, counted, until]) {
    for (const run of [jit(own), jit(grad(own)), grad(jit(own))]) expect(printed(() => run(array(1)))).toEqual(turns);
    expect(printed(() => jit((x: NDArray) => jvp(own, [x], [x]))(array(1)))).toEqual(turns);
  }
  const test = jit((x: NDArray) =>
    whileLoop(
      (s: NDArray) => debugPrint("s", s).less(4),
      (s: NDArray) => s.mul(2),
      x,
    ),
  );
  expect(printed(() => test(array(1)))).toEqual(turns);
  expect(printed(() => vmap(test)(array([1, 2])))).toEqual(["s: array([1., 2.])", "s: array([2., 4.])", "s: array([4., 4.])"]);
});

const classes = (...values: number[]): NDArray => array(values, { dtype: "int32" });
const scores = array([
  [1, 2, 3],
  [0.1, 0.2, 0.3],
]);

test.each<[string, (y: NDArray, l: NDArray) => NDArray]>([
  ["oneHot", (y, l) => l.mul(oneHot(y, 3))],
  ["nllLoss", (y, l) => nllLoss(l, y)],
  ["crossEntropy", (y, l) => crossEntropy(l, y, { weights: [1, 2, 3], labelSmoothing: 0.1, ignoreIndex: 1 })],
])("%s refuses a class that is none, whatever stands around it", (op, loss) => {
  const slope = (y: NDArray, l: NDArray): NDArray => grad((l: NDArray) => loss(y, l).sum())(l);
  const lanes = (y: NDArray, l: NDArray): NDArray => vmap((y: NDArray) => loss(y, l))(stack([y, y]));
  for (const own of [loss, slope, lanes, jit(loss), jit(slope), jit(lanes)]) {
    own(classes(0, 2), scores);
    expect(() => own(classes(-1, 0), scores)).toThrow(`${op}: index -1 is out of bounds for an axis of 3; use 0 to 2.`);
    expect(() => own(classes(3, 0), scores)).toThrow(`${op}: index 3 is out of bounds`);
  }
});

test("quantile gives NaN where q lies outside and is not known, and an error where it is known", () => {
  const run = (q: NDArray): NDArray => quantile(array([1, 2, 3]), q);
  expect(jit(run)(array([0, 1, 1.5, -0.1])).toArray()).toEqual([1, 3, NaN, NaN]);
  for (const own of [run, grad(run)]) expect(() => own(array(1.5))).toThrow("q is 1.5");
  expect(() => vmap(run)(array([0, 1.5]))).toThrow("q is 1.5");
});

test("an index that is out of bounds is an error though nobody needs the element", () => {
  const run = jit((x: NDArray, i: NDArray) => {
    x.take(i);
    return x.sum();
  });
  expect(() => run(x, array(5, { dtype: "int32" }))).toThrow("out of bounds");
  expect(run(x, array(-1, { dtype: "int32" })).item()).toBe(3);
});

test("what an operation keeps of a loop's state does not change with the next turns", () => {
  const kept: NDArray[] = [];
  const keep: Operation = {
    name: "keep",
    effect: true,
    shape: (avals) => avals,
    forward(inputs) {
      kept.push(...inputs);
      return inputs;
    },
  };
  const double = (s: NDArray): NDArray => call(keep, [s])[0].mul(2);
  const [counted, along, until] = [
    (x: NDArray): NDArray => foriLoop(0, 4, (_, s: NDArray) => double(s), x),
    (x: NDArray): NDArray => scan((s: NDArray, row: NDArray) => [double(s), row], x, array([1, 1, 1, 1]))[0],
    (x: NDArray): NDArray =>
      whileLoop(
        (s: NDArray) => call(keep, [s])[0].sum().less(48),
        (s: NDArray) => s.mul(2),
        x,
      ),
  ].map((own) => jit(own));
  for (const [run, states] of [
    [counted, 4],
    [along, 4],
    [until, 5],
  ] as const) {
    kept.length = 0;
    expect(run(x).toArray()).toEqual([16, 32]);
    expect(kept.map((s) => s.toArray())).toEqual([1, 2, 4, 8, 16].slice(0, states).map((n) => [n, 2 * n]));
  }
});

describe("debugNaNs names the operation in a program", () => {
  const message = /^log: a NaN came out where none went in\. The inputs were float64 \[\]\. It is part of the call .*effects\.test/;
  const each: Record<string, (x: NDArray) => NDArray> = {
    "by itself": (x) => x.log().mul(2),
    "in a program": jit((x: NDArray) => x.log()),
    "in a branch": (x) =>
      cond(
        x.less(5),
        () => x.log(),
        () => x,
      ),
    "in a scan": (x) => scan((s: NDArray, r: NDArray) => [s.add(r.log()), s.add(r).log()], 0, stack([x.abs(), x]))[1].sum(),
    "in a foriLoop whose bounds are not known": (x) => foriLoop(0, x.astype("int32").abs().add(2), (_, y) => y.log(), x.abs().add(1)),
    "in a whileLoop": (x) =>
      whileLoop(
        (y) => y.less(1),
        (y) => y.log(),
        x,
      ),
  };
  test.each(Object.keys(each))("%s", (name) => {
    const own = jit(each[name]);
    expect(Number.isNaN(own(array(-2)).item())).toBe(true);
    expect(() => debugNaNs(() => own(array(-2)))).toThrow(message);
    expect(() => debugNaNs(() => valueAndGrad(own)(array(-2)))).toThrow(/^log: /);
  });
});
