import {
  arange,
  array,
  checkpoint,
  cond,
  customJvp,
  customOp,
  customVjp,
  grad,
  type NDArray,
  ones,
  TransformError,
  TreeError,
  vjp,
  whileLoop,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { allGather, axisIndex, pmax, pmean, pmin, psum, vmap } from "../src/index.js";

const named = { axisName: "i" };
const x = array([1, 3, 4, 4]);
const rows = array([
  [1, 5],
  [3, 2],
  [2, 5],
]);
const list = (y: NDArray): number[] => y.toArray() as number[];

describe("values", () => {
  test("every lane gets what all lanes have", () => {
    const all = vmap((y: NDArray) => ({ s: psum(y, "i"), m: pmean(y, "i"), hi: pmax(y, "i"), lo: pmin(y, "i") }), named)(rows);
    expect(Object.fromEntries(Object.entries(all).map(([key, y]) => [key, y.toArray()]))).toEqual({
      s: [0, 1, 2].map(() => [6, 12]),
      m: [0, 1, 2].map(() => [2, 4]),
      hi: [0, 1, 2].map(() => [3, 5]),
      lo: [0, 1, 2].map(() => [1, 2]),
    });
    expect(vmap((y: NDArray) => allGather(y, "i"), named)(rows).toArray()).toEqual([0, 1, 2].map(() => rows.toArray()));
    expect(vmap((y: NDArray) => axisIndex("i").add(y), named)(x).toArray()).toEqual([1, 4, 6, 7]);
  });
  test("the result is the same in all lanes, so outAxes may be null", () => {
    const once = { axisName: "i", outAxes: null };
    expect(vmap((y: NDArray) => psum(y, "i"), once)(x).item()).toBe(12);
    expect(vmap((y: NDArray) => allGather(y, "i"), once)(x).toArray()).toEqual([1, 3, 4, 4]);
    fails(() => vmap((_: NDArray) => axisIndex("i"), once)(x), TransformError, "differs along the batch");
  });
  test("of any axis", () => {
    const share = vmap((y: NDArray) => y.div(psum(y, "i")), { axisName: "i", inAxes: 1, outAxes: -1 });
    expectClose(share(rows), rows.div(rows.sum(1, { keepdims: true })).toArray() as number[][]);
  });
  test("trees, numbers and dtypes", () => {
    const out = vmap((y: NDArray) => psum({ a: [y.greater(2), y.astype("int32")], one: 1 }, "i"), { axisName: "i", outAxes: null })(x);
    expect([out.a[0].dtype, out.a[0].item(), out.a[1].dtype, out.a[1].item(), out.one.item()]).toEqual(["int32", 3, "int32", 12, 4]);
    const whole = x.astype("int32");
    const kinds = vmap(
      (y: NDArray) => [pmean(y, "i"), pmax(y, "i"), pmin(y.greater(1), "i"), allGather(y.greater(1), "i"), axisIndex("i")],
      {
        ...named,
      },
    )(whole);
    expect(kinds.map((y) => y.dtype)).toEqual(["float64", "int32", "bool", "bool", "int32"]);
    fails(() => vmap((y: NDArray) => psum({ a: "b", y } as never, "i"), named)(x), TreeError, 'psum: the argument has "b" at $.a');
  });
  test("what is not mapped counts once for each lane", () => {
    const once = { axisName: "i", outAxes: null };
    const of = (f: (y: NDArray) => NDArray) => vmap((_: NDArray) => f(array([5, 7])), once)(x);
    expect(of((y) => psum(y, "i")).toArray()).toEqual([20, 28]);
    expect(of((y) => psum(y.greater(5), "i")).data()).toEqual(Int32Array.of(0, 4));
    expect(of((y) => pmean(y, "i")).toArray()).toEqual([5, 7]);
    expect(of((y) => pmean(y.astype("int32"), "i")).dtype).toBe("float64");
    expect(of((y) => pmax(y, "i").add(pmin(y, "i"))).toArray()).toEqual([10, 14]);
    expect(of((y) => allGather(y, "i")).toArray()).toEqual([0, 1, 2, 3].map(() => [5, 7]));
  });
  test.each([0, 1])("a batch of %i", (n) => {
    const out = vmap((y: NDArray) => {
      const parts = [psum(y, "i"), pmean(y, "i"), pmax(y, "i"), pmin(y, "i"), allGather(y, "i").sum(0), y.mul(axisIndex("i").add(1))];
      return parts.reduce((a, b) => a.add(b));
    }, named)(ones([n, 2]));
    expect(out.toArray()).toEqual(n === 0 ? [] : [[6, 6]]);
    expect(vmap((y: NDArray) => pmax(y.astype("int32"), "i"), named)(ones([n])).dtype).toBe("int32");
    expect(
      vmap(
        grad((y) => pmax(y, "i").add(allGather(y, "i").sum())),
        named,
      )(ones([n])).shape,
    ).toEqual([n]);
  });
});

describe("names", () => {
  test.each([[["i", "j"]], [0]])("%j is none", (name) =>
    fails(
      () => vmap((y: NDArray) => psum(y, name as never), named)(array([1, 2])),
      TransformError,
      `psum: axisName is ${name === 0 ? "0 (number)" : "a JS array of length 2"}; give the name of one vmap around this call, a string.`,
    ),
  );
  const grid = arange(6).reshape(2, 3);
  test("nested, each by its own", () => {
    const f = vmap(
      vmap((y: NDArray) => [psum(y, "i"), psum(y, "j"), psum(psum(y, "i"), "j"), axisIndex("i").mul(10).add(axisIndex("j"))], {
        axisName: "j",
      }),
      named,
    )(grid);
    expect(f.map((y) => y.toArray())).toEqual([
      [
        [3, 5, 7],
        [3, 5, 7],
      ],
      [
        [3, 3, 3],
        [12, 12, 12],
      ],
      [
        [15, 15, 15],
        [15, 15, 15],
      ],
      [
        [0, 1, 2],
        [10, 11, 12],
      ],
    ]);
  });
  test("of one name, the innermost", () => {
    const twice = vmap(
      vmap((y: NDArray) => psum(y, "i"), named),
      named,
    );
    expect(twice(grid).toArray()).toEqual([
      [3, 3, 3],
      [12, 12, 12],
    ]);
    const after = vmap((y: NDArray) => vmap((z: NDArray) => psum(z, "i"), named)(y).add(psum(y, "i")), named);
    expect(after(grid).toArray()).toEqual([
      [6, 8, 10],
      [15, 17, 19],
    ]);
  });
  test("through a batch without a name, inside or outside", () => {
    const expected = [
      [3, 3, 3],
      [12, 12, 12],
    ];
    const inner = vmap((y: NDArray) => vmap((z: NDArray) => psum(z, "i"))(y), named);
    expect(inner(grid.T).toArray()).toEqual(array(expected).T.toArray());
    expect(vmap(vmap((z: NDArray) => psum(z, "i"), named))(grid).toArray()).toEqual(expected);
    const gather = vmap((y: NDArray) => vmap((z: NDArray) => allGather(z, "i").mul([1, 10]))(y), named)(grid);
    expect(gather.slice(1).toArray()).toEqual([
      [0, 30],
      [1, 40],
      [2, 50],
    ]);
    const constant = vmap((y: NDArray) => vmap((z: NDArray) => psum(z, "i"))(array([1, 2])).add(y), named);
    expect(constant(x).slice(0).toArray()).toEqual([5, 9]);
  });
  test("one clear error where there is none", () => {
    const call = () => vmap((y: NDArray) => vmap((z) => psum(z, "k"), { axisName: "j" })(y), named)(grid);
    fails(call, TransformError, 'psum: there is no vmap of axisName "k" around this call; the names here are "i", "j".');
    fails(() => pmean(1, "i"), TransformError, 'pmean: there is no vmap of axisName "i" around this call; no vmap around it has a name.');
    fails(() => vmap((_: NDArray) => axisIndex("k"))(x), TransformError, "axisIndex: there is no vmap of axisName");
    fails(
      () => vmap((y: NDArray) => allGather(y, undefined as never), named)(x),
      TransformError,
      "allGather: there is no vmap of axisName undefined",
    );
  });
  test("a name ends with its function, also where that throws", () => {
    const fall = (): never => {
      throw new Error("fall");
    };
    expect(() => vmap(fall as (y: NDArray) => NDArray, named)(x)).toThrow("fall");
    fails(() => psum(1, "i"), TransformError, "no vmap around it has a name");
  });
});

/** A function of one lane with collectives, and the same written for the whole batch. */
const pairs: Record<string, [lane: (y: NDArray) => NDArray, batch: (y: NDArray) => NDArray]> = {
  psum: [(y) => psum(y.square(), "i").sin().mul(y), (y) => y.square().sum(0).sin().mul(y)],
  pmean: [(y) => y.mul(pmean(y.exp(), "i")).div(5), (y) => y.mul(y.exp().mean(0)).div(5)],
  pmax: [(y) => pmax(y.mul(y), "i").mul(y), (y) => y.mul(y).max(0).mul(y)],
  pmin: [(y) => pmin(y.sin(), "i").mul(y), (y) => y.sin().min(0).mul(y)],
  allGather: [(y) => allGather(y, "i").sub(y).square().square().sum(), (y) => y.sub(y.expandDims(1)).square().square().sum(1)],
  "a softmax": [
    (y) =>
      y
        .sub(pmax(y, "i"))
        .exp()
        .div(psum(y.sub(pmax(y, "i")).exp(), "i"))
        .square(),
    (y) => y.softmax(0).square(),
  ],
  axisIndex: [(y) => psum(y.mul(axisIndex("i")), "i").mul(y), (y) => y.mul(arange(4)).sum(0).mul(y)],
  "a constant": [(y) => psum(array(2), "i").mul(y.square()), (y) => y.square().mul(8)],
};

describe.each(Object.entries(pairs))("derivatives: %s", (_, [lane, batch]) => {
  const mapped = vmap(lane, named);
  const weights = array([1, -2, 0.5, 3]);
  test("values", () => expectClose(mapped(x), list(batch(x))));
  test("a gradient around the batch", () => {
    expectClose(grad((y) => mapped(y).mul(weights).sum())(x), list(grad((y) => batch(y).mul(weights).sum())(x)));
  });
  test("gradients of the lanes are those of their sum", () => {
    const own = (y: NDArray, w: NDArray): NDArray => lane(y).mul(w);
    expectClose(vmap(grad(own), named)(x, weights), list(grad((y) => batch(y).mul(weights).sum())(x)));
  });
  test("second derivatives", () => {
    const outer = (f: (y: NDArray) => NDArray) =>
      list(
        grad((y) =>
          grad((z) => f(z).sum())(y)
            .mul(weights)
            .sum(),
        )(x),
      );
    const inner = vmap(
      grad((y, w) => grad(lane)(y).mul(w)),
      named,
    );
    expectClose(array(outer(mapped)), outer(batch), 11);
    expectClose(inner(x, weights), outer(batch), 11);
    expectClose(grad((y) => vmap(grad(lane), named)(y).mul(weights).sum())(x), outer(batch), 11);
  });
  test("inside of another batch", () => {
    const many = array([list(x), [0.1, 0.7, -0.2, 0.3]]);
    const one = grad((y) => batch(y).sum());
    expectClose(
      vmap(vmap(grad(lane), named))(many),
      [0, 1].map((k) => list(one(many.slice(k)))),
    );
    const across = vmap((y: NDArray) => vmap(grad(lane))(y), { axisName: "i", inAxes: 1, outAxes: 1 });
    expectClose(
      across(many),
      [0, 1].map((k) => list(one(many.slice(k)))),
    );
  });
  test("through a checkpoint", () => {
    const saved = checkpoint(lane);
    expectClose(vmap(saved, named)(x), list(batch(x)));
    expectClose(vmap(grad(saved), named)(x), list(grad((y) => batch(y).sum())(x)));
    expectClose(grad((y) => vmap(saved, named)(y).mul(weights).sum())(x), list(grad((y) => batch(y).mul(weights).sum())(x)));
  });
});

describe("with reverse mode", () => {
  test("tied lanes share", () => {
    expect(
      vmap(
        grad((y) => pmax(y, "i")),
        named,
      )(x).toArray(),
    ).toEqual([0, 0, 2, 2]);
    expect(grad((y) => vmap((z: NDArray) => pmax(z, "i"), { axisName: "i", outAxes: null })(y))(x).toArray()).toEqual([0, 0, 0.5, 0.5]);
    expect(
      vmap(
        grad((y) => pmin(y, "i")),
        named,
      )(zeros([2])).toArray(),
    ).toEqual([1, 1]);
  });
  test("what is not mapped has a derivative of its own in each lane", () => {
    const f = (w: NDArray, y: NDArray): NDArray => psum(w.square(), "i").mul(y);
    // Each lane has a w of its own, which counts in the results of all lanes.
    expect(vmap(grad(f), { ...named, inAxes: [null, 0] })(array(3), x).toArray()).toEqual([72, 72, 72, 72]);
    const total = grad((w: NDArray) => vmap(f, { ...named, inAxes: [null, 0] })(w, x).sum());
    expect(total(array(3)).item()).toBe(4 * 6 * 12);
    const gathered = grad((w: NDArray) => vmap((y: NDArray) => allGather(w, "i").sum().mul(y), named)(x).sum());
    expect(gathered(array(3)).item()).toBe(48);
  });
  test("gradients of a model, averaged over the batch", () => {
    const data = arange(8).reshape(4, 2).div(8);
    const loss = (w: NDArray, y: NDArray): NDArray => w.dot(y).sin();
    const w = array([0.3, -0.2]);
    const mean = vmap((y: NDArray) => pmean(grad(loss)(w, y), "i"), { axisName: "i", outAxes: null })(data);
    expectClose(mean, list(grad((v) => data.matmul(v).sin().mean())(w)));
  });
  test("a pullback that is called later, twice", () => {
    const out = vmap((y: NDArray) => {
      const [, pull] = vjp((z: NDArray) => psum(z.square(), "i"), y);
      return pull(array(1))[0].add(pull(y)[0]);
    }, named)(x);
    // 2 y · Σ 1 + 2 y · Σ y
    expect(out.toArray()).toEqual([32, 96, 128, 128]);
  });
});

describe("in custom rules", () => {
  // The gradient is divided by the norm that it has over all lanes.
  const clipped = customVjp(
    (y) => y,
    (y) => [y, (ct) => [ct.div(psum(ct.square(), "i").sqrt())]],
  );
  test("in a pullback", () => {
    const per = vmap(
      grad((y, w) => clipped(y).mul(w)),
      named,
    )(array([1, 2]), array([3, 4]));
    expectClose(per, [0.6, 0.8]);
    const around = grad((y) => vmap(clipped, named)(y).mul([3, 4]).sum())(array([1, 2]));
    expectClose(around, [0.6, 0.8]);
  });
  test("in a rule for tangents, transposed", () => {
    const summed = customJvp(
      (y) => psum(y, "i"),
      ([y], [t]) => [psum(y, "i"), psum(t, "i").mul(2)],
    );
    expect(vmap(grad(summed), named)(x).toArray()).toEqual([8, 8, 8, 8]);
    expect(grad((y) => vmap(summed, named)(y).sum())(x).toArray()).toEqual([8, 8, 8, 8]);
  });
  test("in a function without rules, of an array that it closes over", () => {
    const f = vmap((y: NDArray, z: NDArray) => checkpoint((u: NDArray) => psum(z, "i").mul(u))(y), named);
    expect(f(x, x).toArray()).toEqual([12, 36, 48, 48]);
    expectClose(grad((z) => f(x, z).sum())(x), [12, 12, 12, 12]);
    const nested = vmap((z: NDArray) => checkpoint((y: NDArray) => checkpoint((u: NDArray) => psum(z, "i").mul(u))(y))(z), named);
    expect(nested(x).toArray()).toEqual([12, 36, 48, 48]);
    expectClose(grad((z) => nested(z).sum())(x), [24, 24, 24, 24]);
    const op = customOp({ forward: (y: NDArray) => y.mul(psum(y, "i")) });
    expect(vmap(grad(op), named)(x).toArray()).toEqual([24, 24, 24, 24]);
  });
});

describe("the position of a lane", () => {
  test("in a checkpoint of what the lanes share", () => {
    const f = (w: NDArray): NDArray => checkpoint((v: NDArray) => v.mul(axisIndex("i")))(w);
    const over = (w: NDArray): NDArray => vmap((y: NDArray) => f(w).mul(y), named)(x);
    expect(over(array(2)).toArray()).toEqual([0, 6, 16, 24]);
    expect(grad((w) => over(w).sum())(array(2)).item()).toBe(23);
    expect(vmap((y: NDArray) => grad(f)(array(2)).mul(y), named)(x).toArray()).toEqual([0, 3, 8, 12]);
  });
  test("in a custom rule, as an argument or closed over", () => {
    const rule = (y: NDArray, k: NDArray) => [y.mul(k), (ct: NDArray) => [ct.mul(k).mul(10), null] as const] as const;
    const given = customVjp((y: NDArray, k: NDArray) => y.mul(k), rule);
    expect(
      vmap(
        grad((y) => given(y, axisIndex("i"))),
        named,
      )(x).toArray(),
    ).toEqual([0, 10, 20, 30]);
    expect(grad((w) => vmap((y: NDArray) => given(w, axisIndex("i")).mul(y), named)(x).sum())(array(2)).item()).toBe(230);
    const closing = customVjp(
      (y) => y.mul(axisIndex("i")),
      (y) => [y.mul(axisIndex("i")), (ct) => [ct.mul(axisIndex("i")).mul(10)]],
    );
    expect(vmap(closing, named)(x).toArray()).toEqual([0, 3, 8, 12]);
    expect(vmap(grad(closing), named)(x).toArray()).toEqual([0, 10, 20, 30]);
    expect(grad((y) => vmap(closing, named)(y).sum())(x).toArray()).toEqual([0, 10, 20, 30]);
    expect(grad((w) => vmap((y: NDArray) => closing(w).mul(y), named)(x).sum())(array(2)).item()).toBe(230);
  });
});

describe("in control flow", () => {
  const f = (bound: number) =>
    vmap(
      (y: NDArray) =>
        cond(
          y.less(bound),
          () => psum(y, "i"),
          () => y,
        ),
      named,
    );
  test("where all lanes come to it", () => expect(f(10)(x).toArray()).toEqual([12, 12, 12, 12]));
  test("an error where they do not", () => {
    fails(
      () => f(4)(x),
      TransformError,
      "psum: it needs all lanes of a batch, but they differ in whether they take this branch or step. Call it outside of it.",
    );
    const loop = vmap(
      (y: NDArray) =>
        whileLoop(
          (z) => z.less(10),
          (z) => z.add(pmean(y, "i")),
          y,
        ),
      named,
    );
    expect(loop(array([1, 1])).toArray()).toEqual([10, 10]);
    fails(() => loop(array([1, 7])), TransformError, "pmean: it needs all lanes of a batch");
  });
  test("a loop until the worst lane has converged", () => {
    let steps = 0;
    const root = vmap(
      (y: NDArray) =>
        whileLoop(
          (z) => pmax(z.square().sub(y).abs(), "i").greater(1e-12),
          (z) => {
            steps++;
            return z.add(y.div(z)).div(2).add(psum(z, "i").mul(0));
          },
          y,
        ),
      named,
    );
    expectClose(root(array([1, 4, 100])), [1, 2, 10]);
    let alone = 0;
    for (let z = 100; Math.abs(z * z - 100) > 1e-12; z = (z + 100 / z) / 2) alone++;
    expect(steps).toBe(alone);
    expectClose(grad((y) => root(y).sum())(array([1, 4, 100])), [0.5, 0.25, 0.05]);
  });
  test("a branch by what all lanes have", () => {
    const g = (y: NDArray): NDArray =>
      cond(
        psum(y, "i").greater(0),
        () => y.mul(psum(y, "i")),
        () => y.neg(),
      );
    expect(vmap(g, named)(x).toArray()).toEqual([12, 36, 48, 48]);
    expect(vmap(grad(g), named)(x).toArray()).toEqual([24, 24, 24, 24]);
    expect(vmap(grad(g), named)(x.neg()).toArray()).toEqual([-1, -1, -1, -1]);
  });
  test("where lanes of another batch differ", () => {
    const g = vmap(
      (y: NDArray) =>
        vmap((z: NDArray) =>
          cond(
            z.greater(0),
            () => psum(y, "i").div(z),
            () => y,
          ),
        )(array([0, 2])),
      named,
    );
    expect(g(x).toArray()).toEqual([
      [1, 6],
      [3, 6],
      [4, 6],
      [4, 6],
    ]);
  });
  test("the position of a lane that does not take the branch", () => {
    const inverse = (y: NDArray): NDArray =>
      cond(
        axisIndex("i").greater(0),
        () => y.div(axisIndex("i")),
        () => y,
      );
    expectClose(vmap(grad(inverse), named)(x), [1, 1, 1 / 2, 1 / 3]);
  });
});
