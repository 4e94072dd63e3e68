import {
  AxisError,
  array,
  checkpoint,
  concatenate,
  cond,
  customJvp,
  customVjp,
  DTypeError,
  diff,
  foriLoop,
  grad,
  hann,
  leakyRelu,
  linalg,
  type NDArray,
  roll,
  ShapeError,
  scan,
  sum,
  switchCase,
  TransformError,
  TreeError,
  topK,
  treeMap,
  unique,
  unwrap,
  valueAndGrad,
  vjp,
  whileLoop,
  zeros,
} from "@ad/core";
import { fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { acrossBatch, batchJacobian, hessian, jacobian, jvpMany, laplacian } from "@ad/functional";
import { psum, vmap } from "@ad/vmap";
import { describe, expect, test, vi } from "vitest";
import { jit } from "../src/index.js";

const x = array([0.3, 1.2, -0.7]);
const f = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).sum();
const g = (x: NDArray): NDArray => x.tanh().mul(x.sum());
const close = (a: NDArray, b: NDArray): void => {
  expect(a.shape).toEqual(b.shape);
  expect(a.dtype).toBe(b.dtype);
  const [p, q] = [Array.from(a.data()), Array.from(b.data())];
  p.forEach((v, i) => expect(v).toBeCloseTo(q[i], 10));
};

describe("jit of transformations, and transformations of jit", () => {
  test("values", () => {
    close(jit(f)(x), f(x));
    close(jit(g)(x), g(x));
  });
  test("grad", () => {
    close(jit(grad(f))(x), grad(f)(x));
    close(grad(jit(f))(x), grad(f)(x));
    close(grad((y: NDArray) => grad(jit(f))(y).sum())(x), grad((y: NDArray) => grad(f)(y).sum())(x));
    close(jit(grad((y: NDArray) => grad(jit(f))(y).sum()))(x), grad((y: NDArray) => grad(f)(y).sum())(x));
  });
  test("jvp", () => {
    const [out, t] = jvp(jit(g), [x], [x]);
    close(out, g(x));
    close(t, jvp(g, [x], [x])[1]);
    close(jit((y: NDArray) => jvp(g, [y], [y])[1])(x), t);
  });
  test("vmap", () => {
    const xs = array([
      [1, 2, 3],
      [0.1, 0.2, 0.3],
    ]);
    close(vmap(jit(g))(xs), vmap(g)(xs));
    close(jit(vmap(g))(xs), vmap(g)(xs));
    close(jit(vmap(grad(f)))(xs), vmap(grad(f))(xs));
    close(vmap(jit(grad(f)))(xs), vmap(grad(f))(xs));
    close(vmap(grad(jit(f)))(xs), vmap(grad(f))(xs));
    close(grad((y: NDArray) => vmap(jit(f))(y).sum())(xs), grad((y: NDArray) => vmap(f)(y).sum())(xs));
    close(jit(batchJacobian(g))(xs), batchJacobian(g)(xs));
  });
  test("vmap knows what no lane has a part in", () => {
    const [y, w] = [
      array([1, 2]),
      array([
        [0.5, 3],
        [1, 2],
        [2, -1],
      ]),
    ];
    const both = (x: NDArray, y: NDArray): NDArray[] => [x.mul(y), y.sin().sum(), y, array([4, 5])];
    const axes = { inAxes: [0, null], outAxes: [0, null, null, null] } as const;
    for (const own of [vmap(jit(both), axes), jit(vmap(both, axes)), vmap(jit(jit(both)), axes), jit(vmap(jit(both), axes))])
      expect(own(w, y).map((x) => x.toArray())).toEqual(vmap(both, axes)(w, y).map((x) => x.toArray()));
    expect(vmap(jit(both), axes)(zeros([0, 2]), y).map(({ shape }) => shape)).toEqual([[0, 2], [], [2], [2]]);
    const total = (own: typeof both) => (y: NDArray) => vmap(own, axes)(w, y).reduce((t, x) => t.add(x.sum()), array(0));
    close(grad(total(jit(both)))(y), grad(total(both))(y));
    fails(() => vmap(jit(both), { ...axes, outAxes: null })(w, y), TransformError, "the result at $[0] differs along the batch");
  });
  test("batchJacobian holds statistics of a program constant, those that are marked too", () => {
    const rows = array([
      [1, 2],
      [3, 5],
      [4, 4],
    ]);
    const marked = acrossBatch((x: NDArray) => x.mul(2));
    for (const own of [
      (x: NDArray) => x.sub(x.mean(0)).square(),
      (x: NDArray) => x.mul(marked(x)),
      (x: NDArray) => x.matmul(marked(x).T).sum(1),
      (x: NDArray) => scan((s: NDArray, r: NDArray) => [s.mul(r).sub(s.mean(0)), s.sum(0)], x, array([1, 0.5]))[0],
      (x: NDArray) => x.mul(scan((s: NDArray, r: NDArray) => [s.mul(r), s.sum(0)], x, array([1, 0.5]))[1].sum(0)),
      (x: NDArray) => foriLoop(0, 3, (i, s) => s.mul(s.sum(0)).sin().add(i), x),
    ])
      for (const each of [jit(own), jit(jit(own))]) {
        const expected = batchJacobian(own, { interactions: "freeze" })(rows);
        close(batchJacobian(each, { interactions: "freeze" })(rows), expected);
        close(jit(batchJacobian(each, { interactions: "freeze" }))(rows), expected);
        close(grad((x: NDArray) => each(x).sum())(rows), grad((x: NDArray) => own(x).sum())(rows));
        close(vmap(each)(rows.reshape([1, 3, 2])), own(rows).expandDims(0));
      }
  });
  test("batchJacobian holds statistics constant in the branch that is taken, and in the turns that a loop takes", () => {
    const rows = array([
      [0.1, 0.2],
      [0.3, 0.5],
      [0.4, 0.4],
    ]);
    const each: readonly ((x: NDArray) => NDArray)[] = [
      (x) =>
        cond(
          x.sum().greater(0),
          () => x.mul(x.sum(0)),
          () => x,
        ),
      (x) =>
        whileLoop(
          (s) => s.sum().less(20),
          (s) => s.mul(s.mean(0).add(1)).add(0.5),
          x,
        ),
    ];
    for (const own of each) {
      close(batchJacobian(jit(own), { interactions: "freeze" })(rows), batchJacobian(own, { interactions: "freeze" })(rows));
      expect(() => jit(batchJacobian(own, { interactions: "freeze" }))(rows)).toThrow(
        /(cond|whileLoop): which way it goes is not known here/,
      );
    }
  });
  test("jacobian, hessian and the like", () => {
    for (const strategy of ["forward", "reverse"] as const) {
      close(jit(jacobian(g, { strategy }))(x), jacobian(g)(x));
      close(jacobian(jit(g), { strategy })(x), jacobian(g)(x));
    }
    close(jit(hessian(f))(x), hessian(f)(x));
    close(hessian(jit(f))(x), hessian(f)(x));
    close(jit(laplacian(f))(x), laplacian(f)(x));
    close(
      jit(
        (y: NDArray) =>
          jvpMany(
            g,
            [y],
            [
              array([
                [1, 0, 0],
                [0, 1, 0],
              ]),
            ],
          )[1],
      )(x),
      jvpMany(
        g,
        [x],
        [
          array([
            [1, 0, 0],
            [0, 1, 0],
          ]),
        ],
      )[1],
    );
  });
  test("checkpoint and linalg", () => {
    close(jit(grad((y: NDArray) => checkpoint(f)(y)))(x), grad(f)(x));
    close(grad(checkpoint(jit(f)))(x), grad(f)(x));
    const a = array([
      [3, 1],
      [1, 2],
    ]);
    close(jit(linalg.det)(a), linalg.det(a));
    close(jit(grad(linalg.det))(a), grad(linalg.det)(a));
    close(grad(jit(linalg.det))(a), grad(linalg.det)(a));
    close(vmap(jit(linalg.inv))(a.reshape([1, 2, 2])), vmap(linalg.inv)(a.reshape([1, 2, 2])));
  });
  test("a function that closes over traced values", () => {
    close(grad((y: NDArray) => jit((z: NDArray) => z.mul(y).sum())(x))(x), x);
    close(grad((y: NDArray) => jit((z: NDArray) => z.mul(y).sum())(y))(x), x.mul(2));
    close(vmap((y: NDArray) => jit((z: NDArray) => z.mul(y))(array(2)))(x), x.mul(2));
  });
});

describe("control flow", () => {
  const branch = (x: NDArray): NDArray =>
    cond(
      x.greater(0),
      () => x.log(),
      () => x.mul(-2),
    );
  test("cond", () => {
    for (const at of [2, -3, 0]) {
      const p = array(at);
      close(jit(branch)(p), branch(p));
      close(jit(grad(branch))(p), grad(branch)(p));
      close(grad(jit(branch))(p), grad(branch)(p));
      close(jit(grad(grad(branch)))(p), grad(grad(branch))(p));
      close(jit((y: NDArray) => jvp(branch, [y], [y])[1])(p), jvp(branch, [p], [p])[1]);
    }
    const ps = array([2, -3, 0, 5]);
    close(jit(vmap(branch))(ps), vmap(branch)(ps));
    close(vmap(jit(branch))(ps), vmap(branch)(ps));
    close(jit(vmap(grad(branch)))(ps), vmap(grad(branch))(ps));
    close(vmap(grad(jit(branch)))(ps), vmap(grad(branch))(ps));
    close(grad((y: NDArray) => vmap(jit(branch))(y).sum())(ps), vmap(grad(branch))(ps));
    close(jit(grad((y: NDArray) => vmap(branch)(y).sum()))(ps), vmap(grad(branch))(ps));
  });
  const rows = array([
    [1, 2],
    [3, 4],
    [0.5, -1],
  ]);
  const run = (p: NDArray, init: NDArray): NDArray => {
    const [state, ys] = scan((s: NDArray, row: NDArray) => [s.mul(p).add(row).tanh(), s.sum()], init, rows);
    return state.sum().add(ys.square().sum());
  };
  test("branches of other results are named", () => {
    const own = (other: (x: NDArray) => NDArray) => () =>
      jit((x: NDArray) =>
        cond(
          x.sum().greater(0),
          () => x,
          () => other(x),
        ),
      )(x);
    fails(
      own((x) => x.sum()),
      ShapeError,
      "cond: the results of onTrue and onFalse differ in shape at $: [3] and []",
    );
    fails(
      own((x) => x.astype("float32")),
      DTypeError,
      "cond: the results of onTrue and onFalse differ in dtype at $: float64 and float32",
    );
    fails(
      () => jit((x: NDArray) => switchCase(x.argmax(), [() => x, () => x, () => x.sum()]))(x),
      ShapeError,
      "switchCase: the results of branch 2 and branch 0 differ in shape at $: [] and [3]",
    );
  });
  test.each(["float64", "float32"] as const)("a number gives way to an array of %s, in whichever branch it is", (dtype) => {
    const two = array(2, { dtype });
    const branches: readonly [(x: NDArray) => NDArray, (x: NDArray) => NDArray] = [() => two, (x) => x.mul(3)];
    for (const [onTrue, onFalse] of [branches, branches.toReversed()]) {
      const choice = (x: NDArray): NDArray => cond(x.greater(0), onTrue, onFalse, x);
      for (const x of [1.5, -1.5]) {
        const wanted = (x > 0 ? onTrue : onFalse)(array(x)).item();
        expect([jit(choice)(x).item(), jit(choice)(x).dtype]).toEqual([wanted, dtype]);
        expect(jit((y: NDArray) => switchCase(y.greater(0).astype("int32"), [onFalse, onTrue], y))(x).item()).toBe(wanted);
        const last = jit((y: NDArray) => scan((s: NDArray) => [s.mul(choice(y)), null], array(1, { dtype }), array([0, 0]))[0]);
        expect(last(x).item()).toBe(wanted * wanted);
        expect(jit(grad(choice))(x).item()).toBe(wanted === 2 ? 0 : 3);
        expect(grad(jit(choice))(x).item()).toBe(wanted === 2 ? 0 : 3);
      }
    }
  });
  test("scan", () => {
    const [p, s] = [array([0.5, 0.2]), array([1, -1])];
    close(jit(run)(p, s), run(p, s));
    for (const argnums of [0, 1]) {
      close(jit(grad(run, { argnums }))(p, s), grad(run, { argnums })(p, s));
      close(grad(jit(run), { argnums })(p, s), grad(run, { argnums })(p, s));
    }
    close(jit(hessian(run))(p, s), hessian(run)(p, s));
    close(hessian(jit(run))(p, s), hessian(run)(p, s));
    close(jit((y: NDArray) => jvp((q) => run(q, s), [y], [y])[1])(p), jvp((q) => run(q, s), [p], [p])[1]);
    const ps = array([
      [0.5, 0.2],
      [1, 2],
    ]);
    close(jit(vmap(run, { inAxes: [0, null] }))(ps, s), vmap(run, { inAxes: [0, null] })(ps, s));
    close(vmap(jit(grad(run)), { inAxes: [0, null] })(ps, s), vmap(grad(run), { inAxes: [0, null] })(ps, s));
  });
  test("foriLoop and whileLoop", () => {
    const power = (x: NDArray): NDArray => foriLoop(0, 5, (i, s: NDArray) => s.mul(x).add(i), 1);
    close(jit(power)(array(0.5)), power(array(0.5)));
    close(jit(grad(power))(array(0.5)), grad(power)(array(0.5)));
    const bound = (x: NDArray, n: NDArray): NDArray => foriLoop(0, n, (_, s: NDArray) => s.mul(x), array(1));
    const n = array(4, { dtype: "int32" });
    close(jit(bound)(array(1.5), n), bound(array(1.5), n));
    close(jit(grad(bound))(array(1.5), n), grad(bound)(array(1.5), n));
    const halve = (x: NDArray): NDArray =>
      whileLoop(
        (s: NDArray) => s.greater(1),
        (s: NDArray) => s.div(2).mul(x.div(x)),
        x,
      );
    const xs = array([3, 0.5, 100]);
    for (const at of [3, 0.5, 100]) {
      close(jit(halve)(array(at)), halve(array(at)));
      close(jit(grad(halve))(array(at)), grad(halve)(array(at)));
      close(jit((y: NDArray) => jvp(halve, [y], [y])[1])(array(at)), jvp(halve, [array(at)], [array(at)])[1]);
    }
    close(jit(vmap(halve))(xs), vmap(halve)(xs));
    close(vmap(jit(halve))(xs), vmap(halve)(xs));
    close(jit(vmap(grad(halve)))(xs), vmap(grad(halve))(xs));
    close(jit(grad((y: NDArray) => vmap(halve)(y).sum()))(xs), vmap(grad(halve))(xs));
  });
});

test("vjp and valueAndGrad of jit", () => {
  const [out, pull] = vjp(jit(g), x);
  close(out, g(x));
  close(pull(x)[0], vjp(g, x)[1](x)[0]);
  close(valueAndGrad(jit(f))(x)[0], f(x));
});

describe("what a user meets", () => {
  test("a number compiles nothing anew, and promotes as in eager code", () => {
    let traced = 0;
    const f = jit((x: NDArray, k: number) => {
      traced++;
      return x.mul(k);
    });
    const narrow = array([1, 2], { dtype: "float32" });
    expect(f(narrow, 0.5).dtype).toBe("float32");
    expect(f(narrow, 1.5).toArray()).toEqual([1.5, 3]);
    expect(traced).toBe(1);
  });
  test("booleans, strings and functions are static", () => {
    const f = jit((x: NDArray, options: { double: boolean; by: string }, g: (x: NDArray) => NDArray) =>
      g(options.double ? x.mul(2) : x).add(options.by.length),
    );
    const g = (x: NDArray): NDArray => x.neg();
    expect(f(array([1]), { double: true, by: "ab" }, g).toArray()).toEqual([0]);
    expect(f(array([1]), { double: false, by: "abc" }, g).toArray()).toEqual([2]);
    expect(f(array([1]), { double: false, by: "abc" }, (x) => x).toArray()).toEqual([4]);
  });
  test("trees come out in the order that f gives, and so do branches", () => {
    const f = (x: NDArray) => ({ w: x, b: [{ z: x.mul(2), a: x.add(1) }] });
    const keys = (out: ReturnType<typeof f>): string[] => [...Object.keys(out), ...Object.keys(out.b[0])];
    const own = jit(f);
    for (let i = 0; i < 2; i++) {
      const out = own(array([1, 2]));
      expect(keys(out)).toEqual(["w", "b", "z", "a"]);
      expect(out.b[0].a.toArray()).toEqual([2, 3]);
    }
    const chosen = jit((x: NDArray) => cond(x.sum().greater(0), f, (x) => ({ b: f(x.neg()).b, w: x }), x));
    expect(chosen(array([-1, -2])).b[0].z.toArray()).toEqual([2, 4]);
  });
  test("staticArgnums", () => {
    const power = jit((x: NDArray, n: number) => (n > 2 ? x.mul(n) : x), { staticArgnums: 1 });
    expect(power(array(2), 3).item()).toBe(6);
    expect(power(array(2), 1).item()).toBe(2);
    expect(() => jit((x: NDArray) => (x.item() > 0 ? x : x.neg()))(array(1))).toThrow(/where.*cond.*staticArgnums/);
  });
  test("results that are inputs, constants, whole numbers, nothing, or large", () => {
    const constant = array([5, 6]);
    const f = jit((x: NDArray) => ({
      x,
      again: x,
      constant,
      sum: x.sum(),
      truth: x.greater(1),
      none: null,
      T: x.expandDims(0).transpose(),
    }));
    const { x, again, constant: own, sum, truth, none, T } = f(array([1, 2]));
    expect([x.toArray(), again.toArray(), own.toArray(), sum.item(), truth.toArray(), none]).toEqual([
      [1, 2],
      [1, 2],
      [5, 6],
      3,
      [false, true],
      null,
    ]);
    expect(T.toArray()).toEqual([[1], [2]]);
    const n = 5000;
    const line = array(Float64Array.from({ length: n }, (_, i) => i / n));
    const grown = (x: NDArray): NDArray => x.sin().mul(x.greater(0.5).where(x.tanh(), 0)).add(x.sum());
    close(jit(grown)(line), grown(line));
    close(jit(grad((y: NDArray) => grown(y).square().sum()))(line), grad((y: NDArray) => grown(y).square().sum())(line));
    const grid = line.reshape([50, 100]);
    const mixed = (x: NDArray): NDArray => x.sub(x.mean(0)).square().sum(1).add(x.T.matmul(x).diag().sum());
    close(jit(mixed)(grid), mixed(grid));
  });
  test("results are the caller's own", () => {
    const f = jit((x: NDArray) => x.mul(2));
    const first = f(array([1, 2]));
    f(array([3, 4]));
    expect(first.toArray()).toEqual([2, 4]);
  });
  test("an index out of bounds is found when the program is run", () => {
    const f = jit((x: NDArray, i: NDArray) => x.take(i).mul(0).sum());
    expect(f(array([1, 2]), array(1, { dtype: "int32" })).item()).toBe(0);
    expect(() => f(array([1, 2]), array(2, { dtype: "int32" }))).toThrow("out of bounds");
  });
  test("the cache forgets", () => {
    let traced = 0;
    const f = jit(
      (x: NDArray) => {
        traced++;
        return x.neg();
      },
      { cacheSize: 2 },
    );
    for (const n of [1, 2, 1, 3, 1, 2]) f(array(new Float64Array(n)));
    expect(traced).toBe(4);
    f.clear();
    f(array([1]));
    expect(traced).toBe(5);
  });
  test("compile() leaves nothing to be traced or compiled to the first call", async () => {
    let [traced, made] = [0, 0];
    const { Function: own } = globalThis;
    const f = jit((x: NDArray) => {
      traced++;
      const y = foriLoop(0, 3, (_, s: NDArray) => s.sin(), x);
      return whileLoop(
        (s: NDArray) => s.sum().less(9),
        (s) =>
          s.add(
            cond(
              s.sum().greater(0),
              () => s.exp(),
              () => s.square(),
            ),
          ),
        y,
      );
    });
    const x = array([1, 2]);
    await f.compile(x);
    vi.stubGlobal("Function", (...text: string[]) => {
      made++;
      return own(...text);
    });
    const value = f(x);
    vi.unstubAllGlobals();
    expect([traced, made]).toEqual([1, 0]);
    expect(value.sum().item()).toBeGreaterThan(9);
  });

  test("a scan of 100 000 steps is a program of few equations", () => {
    const f = jit((x: NDArray) => foriLoop(0, 100_000, (_, s: NDArray) => s.mul(0.5).add(x), x));
    expect(f(array(1)).item()).toBeCloseTo(2, 12);
  });
});

test("a large array that core makes is read in other shapes", () => {
  const [x, y] = [
    array(
      Float64Array.from({ length: 40000 }, (_, i) => i % 7),
      { shape: [200, 200] },
    ),
    array([1, 2]),
  ];
  const joined = (x: NDArray, y: NDArray): NDArray => concatenate([x.matmul(x).reshape(40000), y]);
  close(jit(joined)(x, y), joined(x, y));
  const turned = (x: NDArray): NDArray => x.matmul(x).reshape(100, 400).sum(0);
  close(jit(turned)(x), turned(x));
});

test("a large array that core makes is given out in other shapes", () => {
  const x = array(Float64Array.from({ length: 2000 }, (_, i) => Math.sin(i)));
  const sums = (x: NDArray): NDArray[] => [x.cumsum().reshape([20, 100]), x.cumsum(), x.cumsum().reshape([2, 1000])];
  jit(sums)(x).forEach((each, i) => {
    close(each, sums(x)[i]);
  });
});

test("an array that is closed over is what it was", () => {
  const storage = Float64Array.of(1, 2);
  const shared = array({ data: storage, shape: [2], stride: [1], offset: 0 } as never);
  const f = jit((x: NDArray) => x.mul(shared));
  expect(f(array([1, 1])).toArray()).toEqual([1, 2]);
  storage[0] = 7;
  expect(f(array([1, 1])).toArray()).toEqual([1, 2]);
});

test("custom rules count in derivatives of programs", () => {
  const twice = customVjp(
    (y: NDArray) => y.exp(),
    (y: NDArray) => {
      const out = y.exp();
      return [out, (ct: NDArray) => [ct.mul(out).mul(2)] as [NDArray]];
    },
  );
  const at = array(1);
  const slope = 2 * Math.E;
  for (const f of [grad(twice), jit(grad(twice)), grad(jit(twice)), jit(grad(jit(twice))), grad(jit((y: NDArray) => twice(y.mul(1))))])
    expect(f(at).item()).toBeCloseTo(slope, 12);
  expect(vmap(grad(jit(twice)))(array([1, 1])).toArray()).toEqual([grad(twice)(at).item(), grad(twice)(at).item()]);
  expect(jit(twice)(at).item()).toBeCloseTo(Math.E, 12);
});

test("collectives bring the lanes together of a vmap inside and around", () => {
  const centred = (y: NDArray): NDArray => y.sub(psum(y, "lanes"));
  const ys = array([1, 2, 3]);
  for (const f of [centred, jit(centred)]) {
    expect(vmap(f, { axisName: "lanes" })(ys).toArray()).toEqual([-5, -4, -3]);
    expect(jit(vmap(f, { axisName: "lanes" }))(ys).toArray()).toEqual([-5, -4, -3]);
    close(
      jit(grad((y: NDArray) => vmap(f, { axisName: "lanes" })(y).square().sum()))(ys),
      grad((y: NDArray) => vmap(centred, { axisName: "lanes" })(y).square().sum())(ys),
    );
  }
});

test("control flow inside of a rule's function is staged where the rule is written out", () => {
  const twice = (y: NDArray): NDArray => y.mul(2);
  const back = (y: NDArray): NDArray => y.neg();
  const op = customJvp(
    (y: NDArray) => cond(y.sum().greater(0), twice, back, y) as NDArray,
    ([y]: readonly [NDArray], [t]: readonly [NDArray]) => {
      const isUp = y.sum().greater(0);
      return [cond(isUp, twice, back, y) as NDArray, cond(isUp, twice, back, t) as NDArray];
    },
  );
  const own = (y: NDArray): NDArray => (op(y) as NDArray).square().sum();
  const [value, slope] = [jit(own), jit(grad(own))];
  for (const y of [x, x.neg().sub(1)]) {
    close(value(y), own(y));
    close(slope(y), grad(own)(y));
  }
});

test("a loop of no steps gives its first state, and nothing of each step", () => {
  const x = array([1, 2]);
  const none = (s: NDArray): NDArray => foriLoop(0, 0, (_, t: NDArray) => t.sin(), s);
  close(jit(none)(x), x);
  close(jit(grad((s: NDArray) => none(s).square().sum()))(x), x.mul(2));
  const steps = jit((s: NDArray, rows: NDArray) => scan((t: NDArray, row: NDArray) => [t.add(row), t.mul(row)], s, rows))(
    x,
    array([], { shape: [0, 2] }),
  );
  close(steps[0], x);
  expect(steps[1].shape).toEqual([0, 2]);
});

test("a while loop whose state changes places, stays, or takes no turn", () => {
  const turned = (count: number): [NDArray, NDArray, NDArray] => {
    const run = jit((x: NDArray, y: NDArray, z: NDArray) =>
      whileLoop(
        ({ n }) => n.less(count),
        ({ x, y, z, n }) => ({ x: y, y: x.add(z), z, n: n.add(1) }),
        { x, y, z, n: array(0) },
      ),
    );
    const { x, y, z } = run(array([1, 2]), array([10, 20]), array([[5], [6]]).T.slice(0));
    return [x, y, z];
  };
  expect(turned(0).map((x) => x.toArray())).toEqual([
    [1, 2],
    [10, 20],
    [5, 6],
  ]);
  expect(turned(3).map((x) => x.toArray())).toEqual([
    [15, 26],
    [11, 14],
    [5, 6],
  ]);
});

test("keys keep the order in which the function gave them when it was traced", () => {
  const tree = { b: array([1, 2]), a: array([3, 4]) };
  type Tree = typeof tree;
  const orderOf = (own: object): string => Object.keys(own).join("");
  const turn = ({ b, a }: Tree) => ({ z: b.mul(2), y: a.mul(3) });
  const loss = ({ b, a }: Tree): NDArray => b.square().sum().add(a.sum());
  for (const own of [turn, jit(turn), vmap(turn), (p: Tree) => jvp(turn, [p], [p])[1], jit(vmap(turn)), vmap(jit(turn))])
    expect(orderOf(own(tree))).toBe("zy");
  for (const own of [grad(loss), jit(grad(loss)), grad(jit(loss)), jacobian(loss), hessian(loss), (p: Tree) => treeMap((y) => y, p)])
    expect(orderOf(own(tree))).toBe("ba");
  const along = (p: Tree) => scan((s: Tree, row: NDArray) => [s, { z: row, y: row }], p, x);
  for (const own of [along, jit(along)]) expect(own(tree).map(orderOf)).toEqual(["ba", "zy"]);
  const same = jit((p: Tree): Tree => ({ ...p }));
  expect(orderOf(same(tree))).toBe("ba");
  // The same program serves arguments whose keys stand otherwise.
  expect(orderOf(same({ a: tree.a, b: tree.b }))).toBe("ba");
});

describe("a number that has to be known, and is traced", () => {
  const unknown = "is an array of shape [] and dtype float64 (traced by jit; under jit see staticArgnums); give a";
  test.each([
    ["topK: k", ShapeError, (k: never) => topK(x, k).values],
    ["hann: n", ShapeError, (n: never) => hann(n)],
    ["diff: n", ShapeError, (n: never) => diff(x, n)],
    ["roll: shift", ShapeError, (shift: never) => roll(x, shift)],
    ["sum: axis", AxisError, (axis: never) => sum(array([[1], [2]]), axis)],
    ["unwrap: the period", DTypeError, (period: never) => unwrap(x, { period })],
  ] as const)("%s", (name, error, f) => {
    fails(() => jit(f as unknown as (k: number) => NDArray)(2), error, `${name} ${unknown}`);
    expect(() => jit(f as unknown as (k: number) => NDArray, { staticArgnums: 0 })(1)).not.toThrow();
  });
  test("what a function returned is no argument: staticArgnums is not named", () => {
    const own = customVjp(
      (y: NDArray) => y,
      (y) => y as never,
    );
    fails(
      () => jit(grad(own))(1),
      TreeError,
      "the vjp rule returned an array of shape [] and dtype float64 (traced by jit); return [out, pullback].",
    );
    fails(
      () => jit((y: NDArray) => scan((s: NDArray) => s as never, y, x)[0] as NDArray)(1),
      TreeError,
      "(traced by scan); return [state, y]",
    );
    fails(() => jit(grad((y: NDArray) => y as never, { hasAux: true }) as never)(1), TreeError, "(traced by grad) came.");
  });
  test("arithmetic and places of JavaScript name staticArgnums", () => {
    const own = (use: (k: number) => unknown) => () => jit((k: number) => array(use(k) as number))(2);
    for (const use of [(k: number) => 1 - k, (k: number) => k > 1, (k: number) => Math.sqrt(k), (k: number) => [1, 2][k]])
      expect(own(use)).toThrow(/^An array is no .* It is traced by jit\. .*staticArgnums/);
    expect(() => grad((y: NDArray) => y.mul(1 - (y as unknown as number)))(array(1))).toThrow(/x\.data\(\)\.$/);
  });
  test("an index of a loop reads an array with take, which the message says", () => {
    const list = [10, 20, 30];
    const read = (own: (i: NDArray) => NDArray | number) => (): NDArray =>
      jit((y: NDArray) => foriLoop(0, 3, (i: NDArray, s: NDArray) => s.add(own(i)), y))(array(1));
    expect(read((i) => list[i as never])).toThrow(
      /It is traced by foriLoop\. .*with take\(i\) instead of list\[i\], name an argument of jit in staticArgnums/,
    );
    expect(read((i) => array(list).take(i))().item()).toBe(61);
  });
  test("a value that leaves the body of a loop or a branch is to be returned: it has no aux", () => {
    let leaked = x;
    const body = (y: NDArray): NDArray => (leaked = y.mul(2));
    const text = (kind: string): string =>
      `add: a value of ${kind} is used after its function has returned. Return it from the function instead of storing it outside.`;
    for (const [kind, run] of [
      ["foriLoop", (y: NDArray) => foriLoop(0, 3, (_: NDArray, s: NDArray) => body(s), y)],
      ["cond", (y: NDArray) => cond(y.sum().greater(0), body, body, y)],
    ] as const)
      fails(
        () =>
          jit((y: NDArray) => {
            run(y);
            return leaked.add(1);
          })(x),
        TransformError,
        text(kind),
      );
  });
  test("a loop to a traced number has a second derivative in reverse mode, as one to a known number has", () => {
    const power = (y: NDArray, n: number): NDArray => foriLoop(0, n, (_: NDArray, s: NDArray) => s.mul(y), array(1));
    const second = (own: typeof power) => grad((y: NDArray) => grad((z: NDArray) => own(z, 3))(y));
    expect(second(jit(power))(array(2)).item()).toBe(12);
    expect(second(jit(power, { staticArgnums: 1 }))(array(2)).item()).toBe(12);
  });
  test("of several transformations the newest is named, and for a whole array the one for whose sake its values are not known", () => {
    const first = (k: NDArray): NDArray => topK(x, k as never).values.slice(0);
    fails(() => grad(first)(2), ShapeError, "topK: k is an array of shape [] and dtype float64 (traced by grad); give a");
    fails(() => vmap(grad(first))(array([1, 2])), ShapeError, "(traced by grad); give");
    fails(() => jit(grad(first))(2), ShapeError, "(traced by grad; under jit see staticArgnums)");
    const values = (y: NDArray): NDArray => unique(y).sum();
    fails(
      () => vmap(grad(values))(array([[1, 2]])),
      TransformError,
      "unique: the values of an array that is traced by vmap are not known; call it outside of the transformed function",
    );
    fails(() => grad((y: NDArray) => vmap(values)(y).sum())(array([[1, 2]])), TransformError, "traced by vmap are not known;");
  });
  test("options that are factors may be traced, and have derivatives", () => {
    const f = (slope: NDArray): NDArray => leakyRelu(x, { negativeSlope: slope }).sum();
    close(jit(f)(0.1), f(array(0.1)));
    close(jit(grad(f))(0.1), array(-0.7));
  });
});
