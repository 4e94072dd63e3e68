import { array, cond, foriLoop, grad, type NDArray, scan, switchCase, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { linearTranspose } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { jit } from "../src/index.js";

/** Transposes of derivatives and of linear functions whose control flow goes by numbers that jit does not know. */
type F = (x: NDArray) => NDArray;
const X = array([0.3, -1.2, 2]);
const ct = array([1, -2, 0.5]);
const rows = array([
  [0.5, -1, 2],
  [0.1, 0.2, -0.3],
]);

function expectClose(x: NDArray, wanted: NDArray): void {
  expect(x.shape).toEqual(wanted.shape);
  expect(x.sub(wanted).abs().max().item()).toBeLessThan(1e-12);
}

const twice = (f: (s: NDArray) => NDArray, x: NDArray): NDArray =>
  whileLoop(
    ([k]: NDArray[]) => k.less(x.abs().sum()),
    ([k, s]: NDArray[]) => [k.add(1), f(s)],
    [array(0), x],
  )[1];

const nests: Readonly<Record<string, F>> = {
  cond: (x) =>
    cond(
      x.sum().greater(0),
      (s: NDArray) => s.sin(),
      (s: NDArray) => s.square(),
      x,
    ),
  "cond with a constant branch": (x) =>
    cond(
      x.sum().less(0),
      (s: NDArray) => s.sin(),
      () => ct,
      x,
    ),
  switchCase: (x) => switchCase(x.sum().astype("int32"), [(s: NDArray) => s, (s: NDArray) => s.mul(s), (s: NDArray) => s.exp()], x),
  whileLoop: (x) => twice((s) => s.sin().mul(2), x),
  "whileLoop beside what moves alone": (x) =>
    whileLoop(
      ([c]: NDArray[]) => c.less(3),
      ([c, s, v]: NDArray[]) => [c.add(c.sin().abs()), s.mul(c).add(v.sin()), v.mul(s).add(c)],
      [array(1), x, array([0, 0, 0])],
    )[1],
  "way back through a whileLoop": (x) => grad((y: NDArray) => twice((s) => s.sin().mul(y), y).sum())(x),
  "whileLoop of a cond": (x) =>
    twice(
      (s) =>
        cond(
          s.sum().greater(1),
          (y: NDArray) => y.cos(),
          (y: NDArray) => y.mul(y),
          s,
        ),
      x,
    ),
  "cond of a whileLoop": (x) =>
    cond(
      x.sum().greater(0),
      (s: NDArray) => twice((y) => y.sin(), s),
      (s: NDArray) => s,
      x,
    ),
  foriLoop: (x) => foriLoop(0, 3, (_, s: NDArray) => s.mul(x).sin(), x),
  scan: (x) => scan((s: NDArray, r: NDArray) => [s.mul(r).sin(), s.square()], x, rows)[1].sum(0),
  "scans one after the other": (x) => {
    const f = ([c, s]: NDArray[], r: NDArray) => [[c.cos().add(r), s.mul(c).mul(x)], s.mul(c)] as const;
    const y = scan(f as never, [array([0, 0, 0]), x] as never, rows)[1] as NDArray;
    return scan((s: NDArray, r: NDArray) => [s.add(r.square()), null], x, y)[0];
  },
  "scan of a cond": (x) =>
    scan(
      (s: NDArray, r: NDArray) => [
        cond(
          s.sum().greater(0),
          (a: NDArray) => a.mul(r),
          (a: NDArray) => a.square(),
          s,
        ),
        null,
      ],
      x,
      rows,
    )[0],
};

describe.each(Object.entries(nests))("the derivative of a %s, transposed at a traced point", (_, f) => {
  const own = (x: NDArray): NDArray => linearTranspose((t: NDArray) => jvp(f, [x], [t])[1], x)(ct);
  const wanted = own(X);
  test("is the pullback", () => expectClose(wanted, grad((x: NDArray) => f(x).mul(ct).sum())(X)));
  test("is the same under jit", () => expectClose(jit(own)(X), wanted));
  test("is the same under jit with jit inside", () =>
    expectClose(jit((x: NDArray) => linearTranspose((t: NDArray) => jvp(jit(f), [x], [t])[1], x)(ct))(X), wanted));
  test("is the same in lanes under jit", () => {
    const lanes = array([
      [0.3, -1.2, 2],
      [-0.5, 0.1, 0.2],
    ]);
    expectClose(jit(vmap(own))(lanes), vmap(own)(lanes));
    expectClose(vmap(jit(own))(lanes), vmap(own)(lanes));
  });
});

type G = (x: NDArray, t: NDArray) => NDArray;
const bent: Readonly<Record<string, G>> = {
  "adds a constant in a branch": (x, t) =>
    cond(
      x.sum().greater(0),
      (s: NDArray) => s.add(1),
      (s: NDArray) => s,
      t,
    ),
  "returns a constant from a branch": (x, t) =>
    cond(
      x.sum().greater(0),
      (s: NDArray) => s,
      () => ct,
      t,
    ),
  "squares in a branch": (x, t) =>
    cond(
      x.sum().greater(0),
      (s: NDArray) => s,
      (s: NDArray) => s.square(),
      t,
    ),
  "chooses a branch by an argument": (x, t) =>
    cond(
      x.sum().greater(0).logicalAnd(t.sum().greater(0)),
      (s: NDArray) => s,
      (s: NDArray) => s.mul(2),
      t,
    ),
  "adds a constant in a turn": (x, t) =>
    whileLoop(
      ([k]: NDArray[]) => k.less(x.sum()),
      ([k, s]: NDArray[]) => [k.add(1), s.add(1)],
      [array(0), t],
    )[1],
  "begins with a constant": (x, t) =>
    whileLoop(
      ([k]: NDArray[]) => k.less(x.sum()),
      ([k, s]: NDArray[]) => [k.add(1), s.add(t)],
      [array(0), ct],
    )[1],
  "squares in a turn": (x, t) =>
    whileLoop(
      ([k]: NDArray[]) => k.less(x.sum()),
      ([k, s]: NDArray[]) => [k.add(1), s.square()],
      [array(0), t],
    )[1],
  "ends a loop by an argument": (x, t) =>
    whileLoop(
      (s: NDArray) => s.sum().less(x.sum()),
      (s: NDArray) => s.mul(2),
      t,
    ),
};

test.each(Object.entries(bent))("a function that %s is refused under jit", (_, f) => {
  const own = (x: NDArray): NDArray => linearTranspose((t: NDArray) => f(x, t), x)(ct);
  expect(() => jit(own)(X)).toThrow(/^linearTranspose: the function is not (linear|known to be linear)/);
});

const linear: Readonly<Record<string, G>> = {
  "a sum that begins with zeros": (x, t) =>
    whileLoop(
      ([k]: NDArray[]) => k.less(x.sum()),
      ([k, s]: NDArray[]) => [k.add(1), s.add(t)],
      [array(0), array([0, 0, 0])],
    )[1],
  "a branch of zeros": (x, t) =>
    cond(
      x.sum().greater(0),
      (s: NDArray) => s.mul(x),
      () => array([0, 0, 0]),
      t,
    ),
  "a value beside what is linear": (x, t) => {
    const [k, s] = whileLoop(
      ([k]: NDArray[]) => k.less(x.sum()),
      ([k, s]: NDArray[]) => [k.add(1), s.mul(k).add(t)],
      [array(0), t],
    );
    return s.mul(k.cos());
  },
};

test.each(Object.entries(linear))("%s is transposed under jit", (_, f) => {
  const own = (x: NDArray): NDArray => linearTranspose((t: NDArray) => f(x, t), x)(ct);
  expectClose(jit(own)(X), own(X));
});
