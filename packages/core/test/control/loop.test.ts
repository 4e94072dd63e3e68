import { expectClose, fails } from "@ad/expect";
import { describe, expect, it, vi } from "vitest";
import {
  AxisError,
  arange,
  array,
  cond,
  DTypeError,
  debugPrint,
  foriLoop,
  grad,
  type NDArray,
  ones,
  ShapeError,
  scan,
  TreeError,
  vjp,
  whileLoop,
  zeros,
} from "../../src/index.js";

describe("whileLoop", () => {
  const power = (x: NDArray) =>
    whileLoop(
      (y) => y.less(100),
      (y) => y.mul(x),
      x,
    );
  it("loops while the test holds", () => {
    expect(power(array(3)).item()).toBe(243);
    expect(
      whileLoop(
        (y) => y.less(0),
        (y) => y.mul(2),
        5,
      ).item(),
    ).toBe(5);
  });
  it("has derivatives of both modes' kind, by how often it looped", () => {
    expectClose(grad(power)(array(3)), 5 * 3 ** 4);
    expectClose(grad(grad(power))(array(3)), 20 * 3 ** 3);
  });
  it("refuses a body that changes the state's form or shape", () => {
    fails(
      () =>
        whileLoop(
          (y) => y.sum().less(5),
          () => ones([3]),
          zeros([2]),
        ),
      ShapeError,
      "whileLoop: the state before and after the body differ in shape at $: [2] and [3]",
    );
    fails(
      () =>
        whileLoop(
          () => true,
          (y) => [y],
          array(1),
        ),
      TreeError,
      "whileLoop: the state before and after the body differ in form",
    );
  });
});

describe("foriLoop", () => {
  it("counts from lo to before hi", () => {
    const seen: unknown[] = [];
    const out = foriLoop(
      2,
      5,
      (i, x) => {
        seen.push(i.item(), i.dtype);
        return x.add(i);
      },
      array(0),
    );
    expect(seen).toEqual([2, "int32", 3, "int32", 4, "int32"]);
    expect(out.item()).toBe(9);
    expect(foriLoop(3, 3, (_, x) => x.mul(2), array(7)).item()).toBe(7);
  });
  it("indexes with its counter", () => {
    const xs = array([1, 2, 3]);
    const f = (w: NDArray) => foriLoop(0, 3, (i, s) => s.add(w.mul(xs.slice(i)).square()), array(0));
    expectClose(grad(f)(array(2)), 2 * 2 * 14);
  });
  it("refuses a bound that is not whole", () => {
    fails(() => foriLoop(0, 2, () => undefined, array(0)), TreeError, "foriLoop: the body's result has undefined at $;");
    fails(
      () => foriLoop(0, 2, (_, x) => [x], array(0)),
      TreeError,
      "foriLoop: the state before and after the body differ in form: * and [*]",
    );
    fails(
      () => foriLoop(0, 2, (_, { a }) => ({ a: a.expandDims(0) }), { a: array(0) }),
      ShapeError,
      "foriLoop: the state before and after the body differ in shape at $.a: [] and [1]",
    );
    fails(() => foriLoop(0, 2, (_, x) => x, "x" as never), TreeError, 'foriLoop: the state has "x" at $;');
    fails(() => foriLoop(0, 2.5, (_, x) => x, array(0)), DTypeError, "foriLoop: 2.5 is no whole number");
  });
});

describe("scan", () => {
  it("carries a state and stacks what it collects", () => {
    const [state, ys] = scan(
      (s: { n: NDArray }, x: NDArray) => [{ n: s.n.add(1) }, { twice: x.mul(2), n: s.n }],
      { n: array(0) },
      arange(6).reshape([3, 2]),
    );
    expect(state.n.item()).toBe(3);
    expect(ys.twice.toArray()).toEqual([
      [0, 2],
      [4, 6],
      [8, 10],
    ]);
    expect(ys.n.toArray()).toEqual([0, 1, 2]);
  });
  it("has derivatives by the state and by xs", () => {
    const f = (c: NDArray, xs: NDArray): NDArray => {
      const [state, ys] = scan((s: NDArray, x: NDArray) => [s.mul(x), s.add(x).square()], c, xs);
      return state.add(ys.sum());
    };
    const plain = (c: NDArray, xs: NDArray): NDArray => {
      let [s, total] = [c, array(0)];
      for (let i = 0; i < 3; i++) [s, total] = [s.mul(xs.slice(i)), total.add(s.add(xs.slice(i)).square())];
      return s.add(total);
    };
    const at = [array(0.5), array([1.5, -2, 0.25])] as const;
    const [gc, gx] = grad(f, { argnums: [0, 1] })(...at);
    const [pc, px] = grad(plain, { argnums: [0, 1] })(...at);
    expectClose(gc, pc.item() as number);
    expectClose(gx, px.toArray() as number[]);
  });
  it("takes no step along an axis of length 0, and knows the shapes all the same", () => {
    const [state, ys] = scan((s: NDArray, x: NDArray) => [s.add(x.sum()), x.mul(2).outer([1, 2, 3])], 7, zeros([0, 2]));
    expect(state.item()).toBe(7);
    expect(ys.shape).toEqual([0, 2, 3]);
  });
  it("runs the body on shapes alone where no step is taken, with the branches and loops in it", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const body = (s: NDArray, x: NDArray): [NDArray, NDArray[]] => {
      const [y, t] = cond(
        debugPrint("state", s).greater(x),
        () => [x.neg(), s],
        () => [x, s.mul(2)],
      );
      const large = whileLoop(
        (z) => z.less(100),
        (z) => z.mul(3),
        y,
      );
      const [last, sums] = scan((z: NDArray, k: NDArray) => [z.add(k), z], large, ones([4]));
      // No element is there: values would make it an error.
      return [foriLoop(0, 2, (_, z) => z.add(last), t).add(ones([3]).take(s.astype("int32"))), [t, sums]];
    };
    const [state, [ts, sums]] = scan(body, 7, zeros([0]));
    expect(state.item()).toBe(7);
    expect([ts.shape, sums.shape]).toEqual([[0], [0, 4]]);
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  });
  it("collects in each step or in none", () => {
    const message = "scan: the collected results of two steps differ in form";
    for (const odd of [0, 1, 2]) {
      let step = 0;
      fails(() => scan((s: NDArray, x: NDArray) => [s, step++ === odd ? null : x] as never, 0, array([1, 2, 3])), TreeError, message);
      step = 0;
      fails(() => scan((s: NDArray, x: NDArray) => [s, step++ === odd ? x : null] as never, 0, array([1, 2, 3])), TreeError, message);
    }
  });
  it("collects nothing where y is null", () => {
    const [state, ys] = scan((s: NDArray, x: NDArray) => [s.add(x), null], 0, array([1, 2]));
    expect(state.item()).toBe(3);
    expect(ys).toBe(null);
  });
  it("goes from the last row to the first, and collects where it was, as jax.lax.scan(reverse=True) does", () => {
    const step = ({ s }: { s: NDArray }, { a, b }: { a: NDArray; b: NDArray }) =>
      [{ s: s.mul(2).add(a) }, { before: s, b: b.mul(10) }] as const;
    const given = { a: array([1, 2, 3]), b: array([[1], [2], [3]], { dtype: "int32" }) };
    const [state, ys] = scan(step, { s: array(1) }, given, { reverse: true });
    expect(state.s.item()).toBe(25); // ((1·2 + 3)·2 + 2)·2 + 1
    expect(ys.before.toArray()).toEqual([12, 5, 1]);
    expect(ys.b.toArray()).toEqual([[10], [20], [30]]);
    expect(ys.b.dtype).toBe("int32");
  });
  it("knows the shapes where it takes no step backward", () => {
    const [state, ys] = scan((s: NDArray, x: NDArray) => [s.add(x.sum()), x.add(s)], 2, zeros([0, 3]), { reverse: true });
    expect([state.item(), ys.shape]).toEqual([2, [0, 3]]);
  });
  it("collects nothing backward where y is null, and refuses a direction that is none", () => {
    const back = (reverse: boolean) => scan((s: NDArray, x: NDArray) => [s.mul(2).add(x), null], 0, array([1, 2]), { reverse });
    expect(back(true)[0].item()).toBe(5);
    expect(back(false)[0].item()).toBe(4);
    expect(back(true)[1]).toBe(null);
    fails(() => back(1 as never), TreeError, "scan: reverse is 1 (number); use true or false.");
    fails(() => foriLoop(0, 1, (_, s) => s, 0, { reverse: true } as never), TreeError, "reverse");
  });
  it("costs each row once in the pullback", () => {
    const n = 200;
    const [, pullback] = vjp((xs) => scan((s: NDArray, x: NDArray) => [s.add(x), null], array(0), xs)[0], ones([n]));
    expect(pullback(array(1))[0].sum().item()).toBe(n);
  });
  it("refuses what it cannot go along", () => {
    const f = (s: NDArray): [NDArray, NDArray] => [s, s];
    const single = (place: string): string =>
      `scan: xs has a single value at ${place}, and no axis to go along; give numbers as array([1, 2]), or use foriLoop for a number of steps.`;
    fails(() => scan(f, 0, array(1)), AxisError, single("$"));
    fails(() => scan(f, 0, [1, 2] as never), AxisError, single("$[0]"));
    fails(() => scan(f, 0, [array([1, 2]), array([1])]), ShapeError, "scan: xs has shape [1] at $[1], but 2 steps at $[0]");
    fails(() => scan(f, 0, []), TreeError, "scan: xs has no arrays");
    fails(() => scan((s: NDArray) => s as never, 0, array([1])), TreeError, "return [state, y]");
  });
});
