import {
  array,
  concatenate,
  conv,
  customVjp,
  grad,
  linalg,
  type NDArray,
  norm,
  ones,
  ShapeError,
  scan,
  softmax,
  sort,
  stack,
  TransformError,
  TreeError,
  vjp,
  where,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { acrossBatch, batchJacobian, type Interactions, jacobian, linearTranspose } from "../src/index.js";

const X = array([
  [0.5, -1, 2],
  [1, 0.2, -0.3],
  [-0.7, 0.4, 1.5],
  [0.1, 0.9, -1.2],
]);
const W = array([
  [1, 2],
  [-1, 0.5],
  [0.3, -2],
]);
const rows = [0, 1, 2, 3];

/** ∂y_i/∂x_i cut out of the whole Jacobian [B, ...out, B, ...in]. */
const blocks = (f: (x: NDArray) => NDArray, x: NDArray): NDArray => {
  const J = jacobian(f)(x);
  const outs = f(x).ndim;
  return stack(rows.map((i) => J.take(i, 0).take(i, outs - 1)));
};

const apart: Record<string, (x: NDArray) => NDArray> = {
  "an MLP": (x) => x.matmul(W).tanh().matmul(W.T).add([1, 2, 3]),
  "a norm": (x) => x.div(norm(x, 1, { keepdims: true })),
  "softmax of rows": (x) => softmax(x, 1).mul(x.sum(1, { keepdims: true })),
  "to more axes": (x) => x.expandDims(2).mul(x.expandDims(1)),
  "with a merged axis": (x) => stack([x, x.square()], 1).matmul(W).sin(),
  "to a scalar for each row": (x) => x.pow(3).sum(1),
  "slices and joins": (x) => concatenate([x.slice(":", [1, null]), x.slice(":", 0).expandDims(1).mul(x)], 1),
  "a convolution": (x) =>
    conv(x.expandDims(1), ones([2, 1, 2]))
      .square()
      .reshape(4, -1),
  "where and take": (x) => where(x.greater(0), x.exp(), x.take([2, 0, 1], 1)),
  "running sums along a row": (x) => x.cumsum(1).mul(x.cumprod(1)),
  "mapped rows": (x) => vmap((y: NDArray) => y.sort().mul(y.sum()))(x),
  "a scan in each row": (x) => scan((c: NDArray, y: NDArray) => [c.mul(y), c.sin()] as [NDArray, NDArray], x.slice(":", 0), x.T)[1].T,
  "a solve in each row": (x) =>
    linalg
      .solve(
        x
          .expandDims(2)
          .mul(x.expandDims(1))
          .add([
            [3, 0, 0],
            [0, 3, 0],
            [0, 0, 3],
          ]),
        x.expandDims(2),
      )
      .squeeze(2),
  "a rule of its own": (x) =>
    customVjp(
      (y: NDArray) => y.square(),
      (y: NDArray) => [y.square(), (ct: NDArray) => [ct.mul(y).mul(2)]],
    )(x) as NDArray,
  "a constant": (x) => x.greater(100).astype("float64"),
};

const mixing: Record<string, (x: NDArray) => NDArray> = {
  "the mean taken off": (x) => x.sub(x.mean(0)),
  "batch normalisation": (x) => x.sub(x.mean(0)).div(x.std(0).add(1)),
  attention: (x) => softmax(x.matmul(x.T), 1).matmul(x),
  "pairwise energies": (x) => x.expandDims(0).sub(x.expandDims(1)).square().sum(2).neg().exp().sum(1),
  "sorted rows": (x) => sort(x, 0).mul(x),
  "rows in another order": (x) => x.flip(0).mul(x),
  "running sums over rows": (x) => x.cumsum(0),
  "a covariance": (x) => x.matmul(x.T.matmul(x)),
  "one row for all": (x) => x.mul(x.slice(2)),
  "a scan over rows": (x) => scan((c: NDArray, y: NDArray) => [c.mul(0.5).add(y), c.mul(y)] as [NDArray, NDArray], zeros([3]), x)[1],
};

const passes = (["auto", "forward", "reverse"] as const).flatMap((strategy) =>
  [{}, { chunkSize: 2 }, { vectorize: false }, { memoryBudget: 1000 }].map((options) => ({ strategy, ...options })),
);

describe.each(Object.entries(apart))("rows that keep apart: %s", (_, f) => {
  test.each(["none", "verify", "diagonal", "freeze"] as const)("%s", (interactions) => {
    const expected = blocks(f, X);
    for (const options of passes) {
      // The mode "freeze" refuses functions that it cannot follow.
      if (
        interactions === "freeze" &&
        [apart["a scan in each row"], apart["a solve in each row"], apart["a rule of its own"], apart["mapped rows"]].includes(f)
      )
        return;
      const J = batchJacobian(f, { interactions, ...options })(X);
      expect(J.shape).toEqual(expected.shape);
      expectClose(J, expected.toArray() as number[], 10);
    }
  });
});

describe.each(Object.entries(mixing))("rows that mix: %s", (_, f) => {
  test("diagonal is exact", () => {
    const expected = blocks(f, X);
    for (const options of passes) {
      const J = batchJacobian(f, { interactions: "diagonal", ...options })(X);
      expect(J.shape).toEqual(expected.shape);
      expectClose(J, expected.toArray() as number[], 10);
    }
  });
  test("verify throws, and names two rows that do mix", () => {
    const message = /^batchJacobian: rows mix: row (\d) of the result depends on row (\d) of the argument\. Use/;
    let caught: unknown;
    try {
      batchJacobian(f, { interactions: "verify" })(X);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TransformError);
    const [, i, j] = message.exec((caught as Error).message) as unknown as [string, string, string];
    expect(i).not.toBe(j);
    const block = jacobian(f)(X)
      .take(+i, 0)
      .take(+j, f(X).ndim - 1);
    expect(block.notEqual(0).any().item()).toBe(true);
  });
  test("none is a sum over rows", () => {
    const J = jacobian(f)(X);
    const outs = f(X).ndim;
    const columns = J.sum(outs);
    expectClose(batchJacobian(f, { strategy: "forward" })(X), columns.toArray() as number[], 10);
    expectClose(
      batchJacobian(f, { strategy: "reverse" })(X),
      J.sum(0)
        .moveaxis(outs - 1, 0)
        .toArray() as number[],
      10,
    );
  });
});

describe("the mean taken off [[1], [2]]", () => {
  const f = mixing["the mean taken off"];
  const x = array([[1], [2]]);
  const run = (interactions: Interactions): number[] => Array.from(batchJacobian(f, { interactions })(x).data());
  test("none", () => expect(run("none")).toEqual([0, 0]));
  test("verify", () => fails(() => run("verify"), TransformError, "rows mix: row 1 of the result depends on row 0 of the argument"));
  test("diagonal", () => expect(run("diagonal")).toEqual([0.5, 0.5]));
  test("freeze", () => expect(run("freeze")).toEqual([1, 1]));
});

describe("freeze", () => {
  const interactions = "freeze";
  test("holds reductions over the rows constant", () => {
    const [m, s] = [X.mean(0), X.std(0)];
    for (const options of passes) {
      const J = batchJacobian(mixing["batch normalisation"], { interactions, ...options })(X);
      expectClose(J, blocks((x) => x.sub(m).div(s.add(1)), X).toArray() as number[]);
    }
    const row = X.slice(2);
    expectClose(batchJacobian(mixing["one row for all"], { interactions })(X), blocks((x) => x.mul(row), X).toArray() as number[]);
    const C = X.T.matmul(X);
    expectClose(batchJacobian(mixing["a covariance"], { interactions })(X), blocks((x) => x.matmul(C), X).toArray() as number[]);
  });
  test("holds constant what is marked", () => {
    const f = (x: NDArray): NDArray => {
      const { keys, values } = acrossBatch((y: NDArray) => ({ keys: y.mul(2), values: [y.sin()] }))(x);
      return softmax(x.matmul(keys.T), 1).matmul(values[0]);
    };
    const [keys, values] = [X.mul(2), X.sin()];
    const expected = blocks((x) => softmax(x.matmul(keys.T), 1).matmul(values), X).toArray() as number[];
    expectClose(batchJacobian(f, { interactions })(X), expected);
    // Everywhere else a mark does nothing.
    expectClose(batchJacobian(f, { interactions: "diagonal" })(X), blocks(f, X).toArray() as number[]);
    expectClose(
      grad((x: NDArray) => f(x).sum())(X),
      grad((x: NDArray) =>
        softmax(x.matmul(x.mul(2).T), 1)
          .matmul(x.sin())
          .sum(),
      )(X).toArray() as number[],
    );
  });
  test("refuses what it cannot tell apart", () => {
    for (const name of ["attention", "pairwise energies", "rows in another order", "running sums over rows"])
      fails(() => batchJacobian(mixing[name], { interactions })(X), TransformError, "mark that with acrossBatch(f).");
    fails(
      () => batchJacobian((x: NDArray) => x.mul(x.roll(1, 0)), { interactions })(X),
      TransformError,
      "batchJacobian: slice brings rows together in a way that is no reduction over them",
    );
    fails(
      () => batchJacobian((x: NDArray) => x.mul(vjp((y: NDArray) => acrossBatch((z: NDArray) => z.mul(2))(y), x)[0]), { interactions })(X),
      TransformError,
      "acrossBatch: a value of vjp cannot be held constant by batchJacobian",
    );
  });
  test("other arguments' derivatives go through statistics as ever", () => {
    // J = s·w with s the frozen sum, so the gradient by w is Σ s.
    const f = (w: NDArray): NDArray => batchJacobian((x: NDArray) => x.mul(x.sum(0)).mul(w), { interactions })(X).sum();
    expectClose(grad(f)(array(2)), (X.sum().item() as number) * 4);
    expectClose(
      grad((x: NDArray) => batchJacobian((y: NDArray) => y.mul(y.sum(0)), { interactions })(x).sum())(X),
      ones([4, 3]).mul(4).toArray() as number[][],
    );
  });
});

test("trees, several arguments, aux, other dtypes", () => {
  const f = (p: { a: NDArray; b: NDArray }, w: NDArray, q: NDArray) =>
    [
      { u: p.a.matmul(w).mul(q.expandDims(1)), v: [p.b.mul(q)] },
      { q, note: "n" },
    ] as const;
  const q = array([1, 2, 3, 4]);
  const point = { a: X, b: q.mul(2) };
  for (const interactions of ["none", "verify", "diagonal", "freeze"] as const)
    for (const options of passes) {
      const [[dp, dq], aux] = batchJacobian(
        (p: typeof point, w: NDArray, r: NDArray) => {
          const [{ u, v }, rest] = f(p, w, r);
          return [[u, v[0]] as const, rest] as const;
        },
        { interactions, ...options, hasAux: true, argnums: [0, 2] },
      )(point, W, q);
      expect(aux.note).toBe("n");
      expect(aux.q.toArray()).toEqual([1, 2, 3, 4]);
      const [[ua, uq], [vb, vq]] = [
        [dp[0].a, dp[1]],
        [dq[0].b, dq[1]],
      ];
      expect([ua.shape, uq.shape, vb.shape, vq.shape]).toEqual([[4, 2, 3], [4, 2], [4], [4]]);
      expectClose(
        ua,
        rows.map((i) => W.T.mul(i + 1).toArray() as number[][]),
      );
      expectClose(vb, [1, 2, 3, 4]);
      expectClose(vq, [2, 4, 6, 8]);
      expect(dp[0].b.toArray()).toEqual(zeros([4, 2]).toArray());
    }
  const single = batchJacobian((x: NDArray) => x.square())(X.astype("float32"));
  expect([single.dtype, single.shape]).toEqual(["float32", [4, 3, 3]]);
});

test.each(["none", "verify", "diagonal", "freeze"] as const)("few rows and none, %s", (interactions) => {
  const f = (x: NDArray): NDArray => x.square().sum(1, { keepdims: true });
  for (const options of passes) {
    expect(batchJacobian(f, { interactions, ...options })(zeros([0, 3])).shape).toEqual([0, 1, 3]);
    expect(batchJacobian(f, { interactions, ...options })(ones([1, 3])).toArray()).toEqual([[[2, 2, 2]]]);
    expect(batchJacobian(f, { interactions, ...options })(ones([2, 0])).shape).toEqual([2, 1, 0]);
    expect(batchJacobian((x: NDArray) => x, { interactions, ...options })(array([1, 2])).toArray()).toEqual([1, 1]);
  }
});

test("inside of other transformations", () => {
  for (const interactions of ["none", "verify", "diagonal", "freeze"] as const) {
    const f = (x: NDArray): NDArray => batchJacobian((y: NDArray) => y.pow(3).sum(1), { interactions })(x).sum();
    expectClose(grad(f)(X), X.mul(6).toArray() as number[][]);
    expectClose(jvp(f, [X], [X])[1], (X.square().sum().item() as number) * 6);
    expectClose(vmap(f)(stack([X, X.mul(2)])), [(X.square().sum().item() as number) * 3, (X.square().sum().item() as number) * 12]);
    expectClose(
      vmap((x: NDArray) =>
        batchJacobian((y: NDArray) => vmap((z: NDArray) => z.sort())(y), {
          interactions: interactions === "freeze" ? "none" : interactions,
        })(x).sum(),
      )(stack([X, X])),
      [12, 12],
    );
  }
  fails(
    () => vmap((x: NDArray) => batchJacobian((y: NDArray) => y.mul(y.flip(0)), { interactions: "verify" })(x).sum())(stack([X, X])),
    TransformError,
    "rows mix",
  );
});

describe("verify throws where it cannot see", () => {
  // No proof: a rule of its own is not followed.
  const unproven = customVjp(
    (x: NDArray) => x.square(),
    (x: NDArray) => [x.square(), (ct: NDArray) => [ct.mul(x).mul(2)]],
  );
  const verified = (x: NDArray): NDArray => batchJacobian((y: NDArray) => unproven(y), { interactions: "verify" })(x);
  const message = (kind: string): string =>
    `batchJacobian: interactions is "verify", but the operations of the function are no proof that rows keep apart, and there are no numbers to look at while ${kind} knows shapes alone. Use "diagonal"`;

  test("numbers that are not known, the argument's or those that the function closes over", () => {
    fails(() => scan((c: NDArray, x: NDArray) => [c, verified(x)], 0, zeros([0, 2])), TransformError, message("scan"));
    fails(() => linearTranspose(verified, ones([2])), TransformError, message("linearTranspose"));
    const closing = (a: NDArray): NDArray => batchJacobian((y: NDArray) => unproven(y).mul(a), { interactions: "verify" })(ones([2]));
    fails(() => linearTranspose(closing, ones([2])), TransformError, message("linearTranspose"));
    // A proof needs none.
    const proven = (a: NDArray): NDArray => batchJacobian((y: NDArray) => y.mul(a), { interactions: "verify" })(ones([2]));
    expect(linearTranspose(proven, ones([2]))(array([1, 10])).toArray()).toEqual([1, 10]);
  });

  test("derivatives that are NaN", () => {
    const f = (x: NDArray): NDArray => unproven(x).sqrt();
    fails(
      () => batchJacobian(f, { interactions: "verify" })(array([1, 0, 2])),
      TransformError,
      'batchJacobian: interactions is "verify", but derivatives of row 1 of the result are NaN at this point, which hides whether rows mix. Use "diagonal"',
    );
    expect(batchJacobian(f, { interactions: "verify" })(array([1, 3, 2])).toArray()).toEqual([1, 1, 1]);
  });
});

test("passes: as many as for one row, but for diagonal", () => {
  const count = (options: object, f = (x: NDArray): NDArray => x.matmul(W)): number => {
    let calls = 0;
    batchJacobian(
      (x: NDArray) => {
        calls++;
        return f(x);
      },
      { strategy: "forward", vectorize: false, ...options },
    )(X);
    return calls;
  };
  expect(count({})).toBe(3);
  // Proven, at the cost of one call more.
  expect(count({ interactions: "diagonal" })).toBe(4);
  expect(count({ interactions: "diagonal" }, mixing.attention)).toBe(13);
  expect(count({ interactions: "diagonal", vectorize: true }, mixing.attention)).toBe(2);
  expect(count({ interactions: "diagonal", vectorize: true, chunkSize: 5 }, mixing.attention)).toBe(4);
});

describe("what does not fit", () => {
  const f = (x: NDArray): NDArray => x;
  test("options", () => {
    fails(() => batchJacobian(3 as never), TransformError, "batchJacobian: 3 (number) is no function");
    fails(
      () => batchJacobian(f, { interaction: "none" } as object),
      TreeError,
      'batchJacobian: there is no option "interaction"; did you mean "interactions"?',
    );
    fails(
      () => batchJacobian(f, { interactions: "mean" } as object),
      TransformError,
      'batchJacobian: interactions is "mean"; use "none", "verify", "diagonal" or "freeze".',
    );
    fails(() => batchJacobian(f, { strategy: "back" } as object), TransformError, 'batchJacobian: strategy is "back"');
    fails(() => batchJacobian(f, { chunkSize: 0 }), TransformError, "batchJacobian: chunkSize is 0");
  });
  test("shapes", () => {
    fails(
      () => batchJacobian(f)(array(1)),
      ShapeError,
      "batchJacobian: argument 0 at $ is a scalar; give an array whose first axis counts the rows.",
    );
    fails(
      () => batchJacobian((p: { a: NDArray; b: NDArray }) => p.a)({ a: X, b: ones([3]) }),
      ShapeError,
      "batchJacobian: argument 0 at $.b has 3 rows, but argument 0 at $.a has 4; the first axis counts the rows.",
    );
    for (const strategy of ["forward", "reverse"] as const)
      fails(
        () => batchJacobian((x: NDArray) => ({ y: x.sum(0) }), { strategy })(X),
        ShapeError,
        "batchJacobian: the function's result has shape [3] at $.y, but its first axis must be that of the 4 rows.",
      );
  });
});
