import {
  array,
  checkpoint,
  cond,
  customJvp,
  customOp,
  customVjp,
  type DType,
  DTypeError,
  foriLoop,
  grad,
  type NDArray,
  scan,
  switchCase,
  valueAndGrad,
  vjp,
  whileLoop,
} from "@ad/core";
import { derivative, jvp, pushforward } from "@ad/forward";
import { hvp, jacobian } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { describe, expect, it, test } from "vitest";

/** JS numbers and booleans on their way through everything: a number promotes as in x.mul(2), a boolean is one. */

const fails = (f: () => unknown, Class: new (message: string) => Error, text: string): void => {
  expect(f).toThrow(Class);
  expect(f).toThrow(text);
};

type Plain = number | boolean;
const dtypes: readonly DType[] = ["float64", "float32", "int32", "bool"];
const numbers: readonly number[] = [2, 0.5, -3, 0, 3e9];
const floats = (dtype: DType): boolean => dtype.startsWith("float");
const rows = (dtype: DType): NDArray => array([1, 2, 3], { dtype });
const same = (actual: NDArray, expected: NDArray): void => {
  expect(actual.dtype).toBe(expected.dtype);
  expect(actual.toArray()).toEqual(expected.toArray());
};

/** Passes k, beside x, as something that is neither differentiated nor mapped nor carried, to f. */
const passing: Record<string, (f: (x: NDArray, k: Plain) => NDArray, x: NDArray, k: Plain) => NDArray> = {
  checkpoint: (f, x, k) => checkpoint(f)(x, k),
  "checkpoint, in a tree": (f, x, k) => checkpoint((p: { x: NDArray; k: [Plain] }) => f(p.x, p.k[0]))({ x, k: [k] }),
  cond: (f, x, k) => cond(true, f, f, x, k),
  "cond, in a tree": (f, x, k) =>
    cond(
      true,
      (p: { x: NDArray; k: Plain }) => f(p.x, p.k),
      () => x,
      { x, k },
    ),
  switchCase: (f, x, k) => switchCase(1, [() => x, f], x, k),
  customVjp: (f, x, k) =>
    customVjp(f, (own: NDArray, by: Plain) => {
      const [out, pull] = vjp((y: NDArray) => f(y, by), own);
      return [out, (ct: NDArray) => [pull(ct)[0], null] as const];
    })(x, k),
  "customVjp, in a tree": (f, x, k) =>
    customVjp(
      (p: { k: Plain; x: NDArray }) => f(p.x, p.k),
      (p) => {
        const [out, pull] = vjp((y: NDArray) => f(y, p.k), p.x);
        return [out, (ct: NDArray) => [{ x: pull(ct)[0], k: p.k }] as const];
      },
    )({ x, k }),
  customJvp: (f, x, k) => customJvp(f, ([own, by], [t]) => jvp((y: NDArray) => f(y, by), [own], [t]))(x, k),
  customOp: (f, x, k) => customOp({ forward: f })(x, k),
  "customOp with a rule for lanes": (f, x, k) => customOp({ forward: f, vmap: vmap(f, { inAxes: [0, null] }) })(x, k),
  "vmap, not mapped": (f, x, k) => vmap((_: NDArray, y: NDArray, by: Plain) => f(y, by), { inAxes: [0, null, null] })(x, x, k).slice(0),
  "vmap, not mapped, in a tree": (f, x, k) =>
    vmap((p: { lane: NDArray; own: [NDArray, Plain] }) => f(...p.own), { inAxes: [{ lane: 0, own: [null, null] }] })({
      lane: x,
      own: [x, k],
    }).slice(1),
  grad: (f, x, k) =>
    floats(x.dtype) ? valueAndGrad((_: NDArray, by: Plain) => [array(0), f(x, by)] as const, { hasAux: true })(array(1), k)[0][1] : f(x, k),
};

/** Transformations around a call: each gives f's value at x. */
const around: Record<string, (f: (x: NDArray) => NDArray, x: NDArray) => NDArray> = {
  nothing: (f, x) => f(x),
  checkpoint: (f, x) => checkpoint(f)(x),
  vmap: (f, x) => vmap(f)(x.broadcastTo([2, ...x.shape])).slice(1),
  vjp: (f, x) => (floats(x.dtype) ? vjp(f, x)[0] : f(x)),
  jvp: (f, x) => (floats(x.dtype) ? jvp(f, [x], [x])[0] : f(x)),
  "vmap of vjp": (f, x) => (floats(x.dtype) ? vmap((y: NDArray) => vjp(f, y)[0])(x.broadcastTo([2, ...x.shape])).slice(1) : f(x)),
  "jvp of vmap": (f, x) => (floats(x.dtype) ? jvp((y: NDArray) => vmap(f)(y.broadcastTo([2, ...y.shape])).slice(0), [x], [x])[0] : f(x)),
  "a branch": (f, x) => cond(true, f, f, x),
  "a step": (f, x) => foriLoop(0, 1, () => f(x), f(x)),
};

describe.each(Object.entries(passing))("%s passes on what it does not differentiate", (_, pass) => {
  describe.each(Object.entries(around))("inside of %s", (_name, within) => {
    it.each(dtypes)("numbers beside %s", (dtype) => {
      const x = rows(dtype);
      for (const k of numbers)
        same(
          within((y) => pass((own, by) => own.mul(by), y, k), x),
          x.mul(k),
        );
    });
    it.each(["float64", "float32"] as const)("booleans and indices beside %s", (dtype) => {
      const x = rows(dtype);
      const chosen = (on: boolean) => within((y) => pass((own, by) => (by ? own.mul(2) : own), y, on), x);
      same(chosen(false), x);
      same(chosen(true), x.mul(2));
      same(
        within((y) => pass((own, i) => own.slice(i as number), y, 2), x),
        x.slice(2),
      );
      same(
        within((y) => pass((own, n) => own.slice([0, (n as number) + 1]), y, 1), x),
        x.slice([0, 2]),
      );
    });
  });
});

test.each(Object.entries(passing).filter(([name]) => name !== "grad"))("the derivative of %s is that of what it calls", (_, pass) => {
  for (const dtype of ["float64", "float32"] as const) {
    const x = rows(dtype);
    const f = (y: NDArray): NDArray => pass((own, by) => own.square().mul(by), y, 3);
    const plain = (y: NDArray): NDArray => y.square().mul(3);
    same(grad((y: NDArray) => f(y).sum())(x), grad((y: NDArray) => plain(y).sum())(x));
    same(jvp(f, [x], [x])[1], jvp(plain, [x], [x])[1]);
    const second = (g: (y: NDArray) => NDArray) => grad((y: NDArray) => grad((z: NDArray) => g(z).sum())(y).sum())(x);
    same(second(f), second(plain));
    const lanes = x.broadcastTo([2, 3]);
    same(vmap(grad((y: NDArray) => f(y).sum()))(lanes), vmap(grad((y: NDArray) => plain(y).sum()))(lanes));
    same(grad((y: NDArray) => vmap(f)(y).sum())(lanes), grad((y: NDArray) => vmap(plain)(y).sum())(lanes));
  }
});

/** A number that becomes an array, and meets x: each is x.mul(k) in the first lane. */
const carried: Record<string, (k: number, x: NDArray) => NDArray> = {
  "scan's state": (k, x) => scan((c: NDArray, y: NDArray) => [c.mul(y), null], k, x.slice([0, 1]))[0],
  "what scan collects": (k, x) => scan((c: NDArray, y: NDArray) => [c, c.mul(y)], k, x)[1].slice(0),
  "foriLoop's state": (k, x) => foriLoop(0, 1, (_, c) => c.mul(x.slice(0)), k),
  "whileLoop's state": (k, x) =>
    whileLoop(
      ({ on }) => on,
      ({ c }) => ({ on: false, c: c.mul(x.slice(0)) }),
      { on: true, c: k },
    ).c,
  "a branch's result": (k, x) =>
    cond(
      true,
      () => k,
      () => 1,
    ).mul(x.slice(0)),
  "a result of switchCase": (k, x) => switchCase(1, [() => 1, () => k]).mul(x.slice(0)),
  "a result of checkpoint": (k, x) => checkpoint(() => k)().mul(x.slice(0)),
  "a result of a custom rule": (k, x) => customOp({ forward: () => k })().mul(x.slice(0)),
  "merged branches": (k, x) =>
    vmap((y: NDArray) =>
      cond(
        y.greater(1),
        () => 1,
        () => k,
      ).mul(y),
    )(x).slice(0),
  "a result of vmap": (k, x) =>
    vmap((_: NDArray) => k)(x)
      .mul(x)
      .slice(0),
  "nested lanes": (k, x) =>
    vmap((y: NDArray) => vmap((z: NDArray) => scan((c: NDArray, w) => [c.mul(w), null], k, z)[0])(y))(
      x.slice([0, 1]).reshape([1, 1, 1]),
    ).slice(0, 0),
};

describe.each(Object.entries(carried))("%s is a weak scalar", (_, meet) => {
  it.each(dtypes)("beside %s", (dtype) => {
    const x = rows(dtype);
    for (const k of [2, 0.5, -3]) {
      const wanted = x.slice(0).mul(k);
      same(meet(k, x), wanted);
      same(checkpoint((y: NDArray) => meet(k, y))(x), wanted);
      same(vmap((y: NDArray) => meet(k, y))(x.broadcastTo([2, 3])).slice(1), wanted);
      if (!floats(dtype)) continue;
      same(vjp((y: NDArray) => meet(k, y), x)[0], wanted);
      same(jvp((y: NDArray) => meet(k, y), [x], [x])[0], wanted);
      same(grad((y: NDArray) => meet(k, y))(x).add(0), array([k, 0, 0], { dtype }));
      same(
        vmap(grad((y: NDArray) => meet(k, y)))(x.broadcastTo([2, 3]))
          .slice(1)
          .add(0),
        array([k, 0, 0], { dtype }),
      );
    }
  });
});

describe("a number that is differentiated", () => {
  const at = (dtype: DType) => {
    const x = rows(dtype);
    return (k: NDArray): NDArray => k.mul(k).mul(x).sum();
  };
  it.each(["float64", "float32"] as const)("is weak beside %s", (dtype) => {
    const f = at(dtype);
    for (const k of [2, 0.5]) {
      const [value, gradient] = valueAndGrad(f)(k);
      same(value, array(6 * k * k, { dtype }));
      expect(gradient.item()).toBe(12 * k);
      const [out, tangent] = jvp(f, [k], [1]);
      same(out, value);
      same(tangent, array(12 * k, { dtype }));
      const [again, push] = pushforward(f, k);
      same(again, value);
      same(push([1]), tangent);
      same(vjp(f, k)[0], value);
      same(derivative(f)(k), tangent);
      expect(grad(grad(f))(k).item()).toBe(12);
      expect(grad(derivative(f))(k).item()).toBe(12);
      expect((derivative(grad(f))(k) as NDArray).item()).toBe(12);
      for (const strategy of ["forward", "reverse"] as const) expect(jacobian(f, { strategy })(k).item()).toBe(12 * k);
      const [loss, [product]] = hvp(f, [k], [1]);
      same(loss, value);
      expect(product.item()).toBe(12);
      same(vmap((y: NDArray) => valueAndGrad((by: NDArray) => by.mul(by).mul(y))(k)[0])(rows(dtype)), rows(dtype).mul(k * k));
      same(valueAndGrad((by: NDArray) => vmap((y: NDArray) => by.mul(by).mul(y))(rows(dtype)).sum())(k)[0], value);
      const scanned = (by: NDArray) => scan((c: NDArray, y: NDArray) => [c.add(by.mul(by).mul(y)), null], 0, rows(dtype))[0];
      same(valueAndGrad(scanned)(k)[0], value);
      same(checkpoint(f)(array(k).astype(dtype)), value);
      expect(grad((by: NDArray) => checkpoint(f)(by))(k).item()).toBe(12 * k);
    }
  });
  it("is floating beside whole numbers", () => {
    same(valueAndGrad(at("int32"))(2)[0], array(24));
    same(jvp(at("bool"), [2], [1])[1], array(12));
  });
  it("has a gradient that is as weak: a step along it leaves a float32 loss float32", () => {
    let k: NDArray | number = 2;
    for (let i = 0; i < 3; i++) {
      const [value, gradient]: [NDArray, NDArray] = valueAndGrad(at("float32"))(k);
      expect(value.dtype).toBe("float32");
      k = gradient.mul(-0.01).add(k);
    }
  });
  it("is strong where it is an array", () => {
    expect(valueAndGrad(at("float32"))(array(2))[0].dtype).toBe("float64");
    expect(jvp(at("float32"), [array(2)], [1])[0].dtype).toBe("float64");
  });
});

describe("a dtype that changes", () => {
  const whole = array(1, { dtype: "int32" });
  const message = (op: string, what: string, path: string, a: string, b: string) =>
    `${op}: ${what} differ in dtype at ${path}: ${a} and ${b}; both must be alike: use x.astype("`;
  const state = "the state before and after the body";
  it("is refused of a state, mapped or not", () => {
    const loops: Record<string, (s: NDArray) => unknown> = {
      scan: (s) => scan((c: NDArray) => [c.mul(0.5), null], s, array([1, 2])),
      foriLoop: (s) => foriLoop(0, 2, (_, c) => c.mul(0.5), s),
      whileLoop: (s) =>
        whileLoop(
          (c) => c.less(9),
          (c: NDArray) => c.add(0.5),
          s,
        ),
    };
    for (const [op, run] of Object.entries(loops)) {
      fails(() => run(whole), DTypeError, message(op, state, "$", "int32", "float64"));
      fails(() => vmap(run as never)(rows("int32")), DTypeError, message(op, state, "$", "int32", "float64"));
    }
    fails(
      () => foriLoop(0, 2, (_, c) => ({ a: [c.a[0].astype("float64")] }), { a: [array(1, { dtype: "float32" })] }),
      DTypeError,
      message("foriLoop", state, "$.a[0]", "float32", "float64"),
    );
  });
  it("is refused after the first step, too", () => {
    const f = (c: NDArray, x: NDArray): [NDArray, null] => [x.item() === 1 ? x.astype("int32") : x, null];
    fails(() => scan(f, 0, array([1, 2])), DTypeError, message("scan", state, "$", "int32", "float64"));
  });
  it("is refused of what is collected", () => {
    fails(
      () => scan((c: NDArray, x: NDArray) => [c, x.item() === 1 ? x.astype("int32") : x], 0, array([1, 2])),
      DTypeError,
      "scan: the collected results of two steps differ in dtype at $",
    );
  });
  it("is refused of branches that lanes merge", () => {
    const f = (y: NDArray) =>
      cond(
        y.greater(1),
        () => y,
        () => y.astype("float64"),
      );
    fails(() => vmap(f)(rows("float32")), DTypeError, message("cond", "the results of onTrue and onFalse", "$", "float32", "float64"));
    fails(
      () => vmap((y: NDArray) => switchCase(y, [() => y, () => ({ y })] as never))(array([0, 1], { dtype: "int32" })),
      Error,
      "switchCase: the results of branch 1 and branch 0 differ in form",
    );
    fails(
      () =>
        vmap((y: NDArray) =>
          cond(
            y.greater(1),
            () => y,
            () => 0.5,
          ),
        )(rows("int32")),
      DTypeError,
      message("cond", "the results of onTrue and onFalse", "$", "int32", "float64"),
    );
  });
  it("is not a number's", () => {
    const reset = scan((c: NDArray, x: NDArray): [unknown, NDArray] => [x.item() === 2 ? 0 : c.add(x), c], 0, rows("float32"));
    same(reset[0], array(3, { dtype: "float32" }));
    same(reset[1], array([0, 1, 0], { dtype: "float32" }));
    same(scan((c: NDArray, x: NDArray) => [c.add(x), c], 0, array([], { dtype: "float32" }))[0], array(0, { dtype: "float32" }));
  });
});

test("a pullback alone may close over a lane", () => {
  const weighted = (x: NDArray) =>
    customVjp(
      (y: NDArray) => y.square(),
      (y) => [y.square(), (ct) => [ct.mul(x)]],
    );
  const [xs, w] = [array([1, 2, 3]), array(5)];
  const over = (y: NDArray): NDArray => vmap((x: NDArray) => weighted(x)(y))(xs);
  expect(over(w).toArray()).toEqual([25, 25, 25]);
  expect(vmap((x: NDArray) => grad(weighted(x))(w))(xs).toArray()).toEqual([1, 2, 3]);
  expect(grad((y: NDArray) => over(y).sum())(w).item()).toBe(6);
  expect(jvp(over, [w], [array(1)])[1].toArray()).toEqual([1, 2, 3]);
  expect(grad((y: NDArray) => vmap((x: NDArray) => vmap((z: NDArray) => weighted(z)(y.mul(x)))(xs))(xs).sum())(w).item()).toBe(36);
});

/** A function of y that closes over a lane x of a vmap around it, and whose rules say ten times the derivative. */
const rules: Record<string, (x: NDArray) => (y: NDArray) => NDArray> = {
  customVjp: (x) =>
    customVjp(
      (y: NDArray) => x.mul(y.square()),
      (y) => [x.mul(y.square()), (ct) => [ct.mul(x).mul(y).mul(20)]],
    ),
  customJvp: (x) =>
    customJvp(
      (y: NDArray) => x.mul(y.square()),
      ([y], [t]) => [x.mul(y.square()), t.mul(x).mul(y).mul(20)],
    ),
  "customOp by its vjp": (x) =>
    customOp({ forward: (y: NDArray) => x.mul(y.square()), vjp: (y) => [x.mul(y.square()), (ct) => [ct.mul(x).mul(y).mul(20)]] }),
  "customOp by its jvp": (x) =>
    customOp({ forward: (y: NDArray) => x.mul(y.square()), jvp: ([y], [t]) => [x.mul(y.square()), t.mul(x).mul(y).mul(20)] }),
};

describe.each(Object.entries(rules))("%s closes over a lane", (_, rule) => {
  const xs = array([1, 2, 3]);
  const w = array(5);
  const list = (y: NDArray) => y.toArray();
  it("of a vmap around it", () => {
    expect(list(vmap((x: NDArray) => rule(x)(w))(xs))).toEqual([25, 50, 75]);
    expect(list(vmap((x: NDArray) => rule(x)(x))(xs))).toEqual([1, 8, 27]);
    expect(list(vmap((x: NDArray, y: NDArray) => rule(x)(y))(xs, xs))).toEqual([1, 8, 27]);
    expect(list(vmap((x: NDArray) => vmap((y: NDArray) => rule(x)(y))(array([1, 2])))(xs))).toEqual([
      [1, 4],
      [2, 8],
      [3, 12],
    ]);
    expect(list(vmap((y: NDArray) => vmap((x: NDArray) => rule(x)(y))(array([1, 2])))(xs))).toEqual([
      [1, 2],
      [4, 8],
      [9, 18],
    ]);
  });
  it("and is differentiated inside of it", () => {
    expect(list(vmap((x: NDArray) => grad(rule(x))(w))(xs))).toEqual([100, 200, 300]);
    expect(list(vmap((x: NDArray) => jvp(rule(x), [w], [array(1)])[1])(xs))).toEqual([100, 200, 300]);
    expect(list(vmap((x: NDArray) => grad(grad(rule(x)))(w))(xs))).toEqual([20, 40, 60]);
    expect(list(vmap((x: NDArray) => jvp(grad(rule(x)), [w], [array(1)])[1])(xs))).toEqual([20, 40, 60]);
  });
  it("and is differentiated outside of it", () => {
    const total = (y: NDArray): NDArray => vmap((x: NDArray) => rule(x)(y))(xs).sum();
    expect(grad(total)(w).item()).toBe(600);
    expect(jvp(total, [w], [array(1)])[1].item()).toBe(600);
    expect(grad(grad(total))(w).item()).toBe(120);
    expect(jvp(grad(total), [w], [array(1)])[1].item()).toBe(120);
    expect(grad((y: NDArray) => vmap((x: NDArray) => grad(rule(x))(y))(xs).sum())(w).item()).toBe(120);
    const each = (ys: NDArray): NDArray => vmap((x: NDArray, y: NDArray) => rule(x)(y))(xs, ys);
    expect(list(grad((ys: NDArray) => each(ys).sum())(array([5, 6, 7])))).toEqual([100, 240, 420]);
    expect(list(jvp(each, [array([5, 6, 7])], [array([1, 1, 1])])[1])).toEqual([100, 240, 420]);
  });
  it("inside of other closures: a checkpoint, a branch, a step", () => {
    const within: Record<string, (x: NDArray) => (y: NDArray) => NDArray> = {
      checkpoint: (x) => checkpoint((y: NDArray) => rule(x)(y)),
      cond: (x) => (y) =>
        cond(
          x.greater(1),
          () => rule(x)(y),
          () => y,
        ),
      scan: (x) => (y) => scan((c: NDArray) => [rule(x)(c), null], y, array([0]))[0],
    };
    for (const [name, around] of Object.entries(within)) {
      const first = name === "cond" ? 1 : 100;
      expect(grad((y: NDArray) => vmap((x: NDArray) => around(x)(y))(xs).sum())(w).item()).toBe(first + 500);
      expect(jvp((y: NDArray) => vmap((x: NDArray) => around(x)(y))(xs), [w], [array(1)])[1].toArray()).toEqual([first, 200, 300]);
      expect(list(vmap((x: NDArray) => grad(around(x))(w))(xs))).toEqual([first, 200, 300]);
      expect(list(grad((ys: NDArray) => vmap((x: NDArray, y: NDArray) => around(x)(y))(xs, ys).sum())(array([5, 5, 5])))).toEqual([
        first,
        200,
        300,
      ]);
    }
    expect(grad(checkpoint((y: NDArray) => vmap((x: NDArray) => rule(x)(y))(xs).sum()))(w).item()).toBe(600);
  });
  it("unless that lane is differentiated: the rule would miss it", () => {
    const missed = (v: NDArray): NDArray => vmap((x: NDArray) => rule(x)(w))(xs.mul(v)).sum();
    fails(() => grad(missed)(w), Error, "uses an array that grad traces");
    fails(() => jvp(missed, [w], [w]), Error, "uses an array that jvp traces");
  });
});
