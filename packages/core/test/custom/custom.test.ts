import { expectClose, fails } from "@ad/expect";
import { describe, expect, it } from "vitest";
import { array, customJvp, customOp, customVjp, grad, type NDArray, ShapeError, TransformError, TreeError, vjp } from "../../src/index.js";

describe("customVjp", () => {
  const doubled = customVjp(
    (x) => x.sin(),
    (x) => [x.sin(), (ct) => [ct.mul(x.cos()).mul(2)]],
  );
  it("uses its rule in reverse mode", () => {
    expectClose(
      grad((x) => doubled(x).sum())(array([0.3, 1])),
      [0.3, 1].map((x) => 2 * Math.cos(x)),
    );
  });
  it("is differentiated again through its rule", () => {
    expectClose(
      grad((x) => grad((y) => doubled(y).sum())(x).sum())(array([0.3, 1])),
      [0.3, 1].map((x) => -2 * Math.sin(x)),
    );
  });
  it("takes and gives trees, and null for zeros", () => {
    const f = customVjp(
      (p: { a: NDArray; b: NDArray }, k: NDArray) => ({ y: p.a.mul(p.b).add(k) }),
      (p, k) => [{ y: p.a.mul(p.b).add(k) }, ({ y }) => [{ a: y.mul(10), b: y.mul(p.a) }, null]],
    );
    const [out, pull] = vjp((a: NDArray, b: NDArray, k: NDArray) => f({ a, b }, k).y, array([2]), array([3]), array([1]));
    expect(out.toArray()).toEqual([7]);
    expect(pull(array([1])).map((x) => x.toArray())).toEqual([[10], [2], [0]]);
  });
  it("runs f once, and the rule instead of f when differentiated", () => {
    const runs = { f: 0, rule: 0 };
    const f = customVjp(
      (x) => {
        runs.f++;
        return x;
      },
      (x) => {
        runs.rule++;
        return [x, (ct) => [ct]];
      },
    );
    f(array(1));
    expect(runs).toEqual({ f: 1, rule: 0 });
    grad((x) => f(x))(array(1));
    expect(runs).toEqual({ f: 1, rule: 1 });
  });
  it("refuses what its rule would miss", () => {
    const outer = (w: NDArray) =>
      customVjp(
        (x) => x.mul(w),
        (x) => [x.mul(w), (ct) => [ct.mul(w)]],
      )(array([1, 2])).sum();
    fails(() => grad(outer)(array(3)), TransformError, "customVjp: the function or a rule of it uses an array that grad traces");
    const returned = (w: NDArray) =>
      customVjp(
        (_) => w,
        (_) => [w, (ct) => [ct]],
      )(w.mul(2));
    fails(() => grad(returned)(array(3)), TransformError, "customVjp: the function or a rule of it uses an array that grad traces");
  });
  it("blames the rule's result where that is another than the function's", () => {
    const x = array([1, 2, 3]);
    const given = (rule: never) => () => grad((y: NDArray) => customVjp((z: NDArray) => z.mul(2), rule)(y).sum())(x);
    const text = "customVjp: the vjp rule returned";
    fails(
      given(((z: NDArray) => [z.sum(), (ct: NDArray) => [ct.mul(2)]]) as never),
      ShapeError,
      `${text} shape [] at $ as its result, but the function returns [3]; return the same result.`,
    );
    fails(
      given(((z: NDArray) => [z.expandDims(0), (ct: NDArray) => [ct]]) as never),
      ShapeError,
      `${text} shape [1, 3] at $ as its result`,
    );
    // A cotangent that is wrong itself is blamed itself.
    fails(
      given(((z: NDArray) => [z, (ct: NDArray) => [ct.sum()]]) as never),
      ShapeError,
      "customVjp: the cotangent of argument 0 has shape [] at $, but [3] is wanted.",
    );
    const other = (y: NDArray) =>
      customJvp(
        (z: NDArray) => z.mul(2),
        ([z], [t]) => [z.sum(), t.mul(2)],
      )(y).sum();
    fails(() => grad(other)(x), ShapeError, "customJvp: the jvp rule returned shape [] at $ as its result, but the function returns [3]");
  });
  it("passes on what is no array, and asks for no cotangent of it", () => {
    const f = customVjp(
      (p: { x: NDArray; k: number }, name: "sin" | "cos", on: boolean) => (on ? p.x[name]().mul(p.k) : p.x),
      (p, name, on) => [on ? p.x[name]().mul(p.k) : p.x, (ct) => [{ x: ct.mul(p.k), k: 0 }, null, null]],
    );
    const x = array([0.3, 1]);
    expect(grad((y: NDArray) => f({ x: y, k: 5 }, "sin", true).sum())(x).toArray()).toEqual([5, 5]);
    expect(f({ x, k: 5 }, "sin", false).toArray()).toEqual([0.3, 1]);
    const still = customVjp(
      (k: number) => k + 1,
      (k) => [k + 1, () => [null]],
    );
    expect(still(2).item()).toBe(3);
  });
  it("checks what a rule returns", () => {
    const bad = (rule: never) => () => grad((x) => customVjp((y: NDArray) => y, rule)(x))(array(1));
    fails(bad(((x: NDArray) => x) as never), TreeError, "return [out, pullback]");
    fails(bad(((x: NDArray) => [x, 1]) as never), TreeError, "pullback");
    fails(bad(((x: NDArray) => [x, (ct: NDArray) => ct]) as never), TreeError, "one entry per argument");
  });
});

describe("customJvp", () => {
  it("gives reverse mode by transposition", () => {
    const f = customJvp(
      (x, y) => x.mul(y),
      ([x, y], [s, t]) => [x.mul(y), s.mul(y).add(t.mul(x)).mul(3)],
    );
    const [dx, dy] = grad((x, y) => f(x, y).sum(), { argnums: [0, 1] })(array([1, 2]), array([5, 7]));
    expect([dx.toArray(), dy.toArray()]).toEqual([
      [15, 21],
      [3, 6],
    ]);
    expect(grad((x) => grad((y) => f(y, y).sum())(x).sum())(array([2])).toArray()).toEqual([6]);
  });
  it("says when a rule is not linear", () => {
    const f = customJvp(
      (x) => x,
      ([x], [t]) => [x, t.mul(t)],
    );
    fails(() => grad((x) => f(x))(array(1)), TransformError, "not linear");
  });
});

describe("what is no array", () => {
  it("has the tangent 0 where it is a number, and stands in both tuples else", () => {
    const seen: unknown[] = [];
    const f = customJvp(
      (x: NDArray, k: number, { name }: { name: string }) => x.mul(k + name.length),
      ([x, k, { name }], [t, s, other]) => {
        seen.push(s, other.name);
        return [x.mul(k + name.length), t.mul(k + name.length)];
      },
    );
    expect(grad((x: NDArray) => f(x, 2, { name: "abc" }).sum())(array([1, 2])).toArray()).toEqual([5, 5]);
    expect([Number(seen[0]), seen[1]]).toEqual([0, "abc"]);
  });
});

describe("customOp", () => {
  it("without rules is what it is made of", () => {
    const f = customOp({ forward: (x: NDArray) => x.square() });
    expect(grad((x) => f(x))(array(3)).item()).toBe(6);
  });
  it("refuses unknown rules and a missing forward", () => {
    fails(() => customOp({ forward: (x: NDArray) => x, jpv: 1 } as never), TreeError, "no option");
    fails(() => customOp({} as never), TransformError, "forward is missing");
  });
});
