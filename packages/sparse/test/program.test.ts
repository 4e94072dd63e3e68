import {
  arange,
  array,
  cond,
  customVjp,
  grad,
  linalg,
  linspace,
  type NDArray,
  ones,
  stack,
  TransformError,
  where,
  whileLoop,
  zeros,
} from "@ad/core";
import { type Observer, observed } from "@ad/core/internals/trace";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { hessian, jacobian } from "@ad/functional";
import { jit } from "@ad/jit";
import { SparseMatrix, sparseHessian, sparseJacobian, valueAndSparseJacobian } from "@ad/sparse";
import { vmap } from "@ad/vmap";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patience } from "../src/program.js";

const nested = (x: NDArray): never => x.toArray() as never;
const usual = patience.calls;
beforeAll(() => {
  patience.calls = 4;
});
afterAll(() => {
  patience.calls = usual;
});

/** More calls than it takes until a program is made, and some that use it. */
const calls = 9;
const each = (run: (k: number) => void): void => {
  for (let k = 0; k < calls; k++) run(k);
};
const full = (n: number) => {
  const all = Array.from({ length: n * n }, (_, k) => k);
  return { shape: [n, n], rows: all.map((k) => Math.floor(k / n)), columns: all.map((k) => k % n) } as const;
};

const sine = (y: NDArray): NDArray => y.sin();
const tridiagonal = SparseMatrix.fromTriplets([9, 9], [0, 0, 3, 4, 8, 8], [0, 8, 3, 5, 1, 8], [2, -1, 3, 4, 5, 6]);
const pairs = array(Int32Array.from([0, 1, 2, 3, 4, 0, 2, 2, 8]));

describe("the entries are the same in each call", () => {
  const functions: Record<string, (x: NDArray) => NDArray> = {
    "sums of neighbours": (x) =>
      x
        .roll(1)
        .add(x.roll(-1))
        .sub(x.mul(2))
        .add(x.square().mul(x.roll(2))),
    "a linear function": (x) => x.roll(1).sub(x.mul(2)),
    "many formulas": (x) => stack(Array.from({ length: 50 }, (_, k) => x.mul(k % 5 === 0 ? x : x.roll(1)).add(x.mul(k)))),
    "gathers and sums over them": (x) => x.mul(0).scatterAdd(pairs, x.take(pairs).mul(x.sin())),
    "a product of matrices": (x) => x.reshape([3, 3]).matmul(x.reshape([3, 3]).T),
    "a sparse matrix": (x) => tridiagonal.matmul(x).mul(x),
    "powers of many kinds": (x) =>
      x
        .pow(-3)
        .add(x.pow(2))
        .add(x.pow(0.5))
        .add(x.pow(x.roll(1))),
    "ties and choices": (x) => where(x.greater(0.5), x.div(x.roll(1).add(2)), x.roll(2).neg()).maximum(x.flip()),
    "running sums": (x) => x.cumsum().mul(x),
    sorted: (x) => x.flip().sort().mul(x),
    "a solution": (x) => linalg.solve(x.slice([0, 4]).reshape([2, 2]), x.slice([4, 6])),
    "a branch and a loop": (x) =>
      whileLoop(
        ({ s }) => s.sum().less(20),
        ({ s }) => ({ s: s.add(s.roll(1).sin().square()).add(0.1) }),
        {
          s: cond(
            x.sum().greater(0),
            (y: NDArray) => y.mul(2),
            (y: NDArray) => y,
            x,
          ),
        },
      ).s.mul(x),
    "a rule of the user's": (x) =>
      customVjp(
        (y) => y.sin(),
        (y) => [y.sin(), (ct) => [ct.mul(y.cos())]],
      )(x).mul(x),
    "compiled parts": (x) => compiled(x).mul(x),
    lanes: (x) => vmap((y: NDArray) => y.mul(y.roll(1)).sum())(x.reshape([3, 3])),
    "a gradient": grad((x: NDArray) => x.square().mul(x.roll(1)).sum()),
    "a Jacobian": (x) => sparseJacobian((y: NDArray) => y.square().mul(y.roll(1)))(x).values,
    constants: () => ones([3]),
    "its argument": (x) => x,
  };
  const compiled = jit((x: NDArray) => x.sin().add(x.roll(1)));
  const point = (k: number): NDArray =>
    linspace(0.1, 1.3, 9)
      .add(0.01 * k)
      .mul(arange(9).mod(2).mul(0.5).add(0.7));

  test.each(Object.entries(functions))("%s", (_, f) => {
    for (const options of [{}, { strategy: "reverse" }] as const) {
      const J = sparseJacobian(f, { ...options, flat: true });
      each((k) => {
        const x = point(k);
        expectClose(J(x).toDense(), nested(jacobian(f)(x).reshape([f(x).size, 9])));
      });
    }
  });
  test.each(Object.entries(functions))("the Hessian of %s", (_, f) => {
    const g = (x: NDArray): NDArray => f(x).square().sum();
    const H = sparseHessian(g);
    each((k) => expectClose(H(point(k)).toDense(), nested(hessian(g)(point(k))), 9));
  });
  test("in float32", () => {
    const J = sparseJacobian((x: NDArray) => x.sin().mul(x.roll(1)));
    const x = linspace(0, 1, 7).astype("float32");
    each(() => expect(J(x).values.dtype).toBe("float32"));
    expectClose(J(x).toDense(), nested(jacobian((x: NDArray) => x.sin().mul(x.roll(1)))(x)), 5);
  });
});

describe("f is run in each call", () => {
  test("once", () => {
    let runs = 0;
    const J = sparseJacobian((x: NDArray) => {
      runs++;
      return x.square();
    });
    J(ones([3]));
    const before = runs;
    each(() => J(ones([3])));
    expect(runs - before).toBe(calls);
  });

  test("and what it closes over counts as it is then", () => {
    const x = linspace(0.5, 2, 300);
    let [k, v, few] = [1, ones([300]), array([1, 2, 3])];
    const J = sparseJacobian((x: NDArray) => x.square().mul(k).add(x.roll(1).mul(v)).mul(few.sum()));
    const H = sparseHessian((x: NDArray) => x.pow(3).mul(v).mul(k).sum());
    for (let i = 0; i < 3 * calls; i++) {
      if (i > calls) k = i;
      if (i > 2 * calls) v = v.add(i);
      if (i % 5 === 0) few = few.add(1);
      const f = (x: NDArray): NDArray => x.square().mul(k).add(x.roll(1).mul(v)).mul(few.sum());
      expectClose(J(x).matmul(x), nested(jvp(f, [x], [x])[1]), 8);
      expectClose(H(x).diagonal(), nested(x.mul(v).mul(6 * k)), 8);
    }
  });

  test("numbers that are written into the storage of an array too", () => {
    const [small, large] = [new Float64Array(5).fill(1), new Float64Array(500).fill(1)];
    const wrapped = (data: Float64Array) => ({ data, shape: [data.length], stride: [1], offset: 0, get: () => 0, set: () => 0 }) as never;
    for (const storage of [small, large]) {
      const n = storage.length;
      const J = sparseJacobian((x: NDArray) => x.mul(wrapped(storage)));
      each((k) => {
        storage.fill(k);
        expectClose(J(ones([n])).values, new Array(n).fill(k));
      });
    }
  });

  test("indices and conditions decide what it does", () => {
    let indices = [0, 1, 2];
    const J = sparseJacobian((x: NDArray) => x.take(array(indices, { dtype: "int32" })), { pattern: full(3) });
    const byMask = sparseJacobian((x: NDArray) => where(array(indices.map((i) => i > 0)), x.sin(), x), { pattern: full(3) });
    each((k) => {
      if (k > 6) indices = [2, 2, k % 3];
      expectClose(
        J(ones([3])).toDense(),
        indices.map((i) => [0, 1, 2].map((j) => +(i === j))),
      );
      expectClose(
        byMask(zeros([3]).add(1)).diagonal(),
        indices.map((i) => (i > 0 ? Math.cos(1) : 1)),
      );
    });
  });

  test("and have their own pattern", () => {
    let [indices, shift, flag] = [[0, 1, 2], 1, false];
    let searches = 0;
    const f = (x: NDArray): NDArray => {
      searches++;
      return where(flag, x.square(), x.take(array(indices, { dtype: "int32" }))).mul(x.roll(shift));
    };
    const J = sparseJacobian(f);
    const H = sparseHessian((x: NDArray) => x.mul(x.roll(shift)).sum());
    for (let k = 0; k < 6 * calls; k++) {
      if (k % (2 * calls) === calls) indices = [2, k % 3, 1];
      flag = k > 4 * calls;
      shift = k % (3 * calls) > calls ? 2 : 1;
      const x = linspace(1, 2, 3).add(k);
      expectClose(J(x).toDense(), nested(jacobian(f)(x)));
      expectClose(H(x).toDense(), nested(hessian((y: NDArray) => y.mul(y.roll(shift)).sum())(x)));
    }
    const before = searches;
    each(() => J(linspace(1, 2, 3)));
    expect(searches - before).toBe(calls);
  });

  test.each<[string, (x: NDArray) => NDArray]>([
    ["rules that are made anew", (x) => customVjp(sine, (y: NDArray) => [y.sin(), (ct: NDArray) => [ct.mul(y.cos())]])(x)],
    [
      "steps that numbers decide",
      (x) =>
        whileLoop(
          ({ s }) => s.max().less(20),
          ({ s }) => ({ s: s.mul(2) }),
          { s: x },
        ).s,
    ],
  ])("but %s have the pattern that they had", (_, f) => {
    let runs = 0;
    const J = sparseJacobian((x: NDArray) => {
      runs++;
      return f(x);
    });
    J(ones([3]));
    const before = runs;
    each((k) => J(ones([3]).add(k)));
    expect(runs - before).toBe(calls);
  });

  test("and so have indices of lanes, which cannot be compared", () => {
    let [runs, index] = [0, array(0)];
    const J = sparseJacobian((x: NDArray) => {
      runs++;
      return x.take(index.expandDims(0)).square();
    });
    const lanes = (k: number): NDArray =>
      vmap((own: NDArray) => {
        index = own;
        return J(ones([3]).mul(k)).values;
      })(array([0, 2], { dtype: "int32" }));
    lanes(1);
    const before = runs;
    each((k) =>
      expect(lanes(k).toArray()).toEqual([
        [2 * k, 0, 0],
        [0, 0, 2 * k],
      ]),
    );
    expect(runs - before).toBe(calls);
  });

  test("other operations and parameters of the same shapes are another function", () => {
    let [axis, twice] = [0, false];
    const rule = customVjp(
      (y: NDArray) => y.mul(y).sin(),
      (y: NDArray) => [y.mul(y).sin(), (ct: NDArray) => [ct.mul(y).mul(2).mul(y.mul(y).cos())]],
    );
    const f = (x: NDArray): NDArray => {
      const y = x.reshape([3, 3]).cumsum(axis);
      const z = twice ? rule(y.mul(y)) : y.mul(y).sin();
      return (axis === 0 ? z.sin() : z.cos()).mul(x.reshape([3, 3])).ravel();
    };
    const J = sparseJacobian(f, { pattern: full(9) });
    const x = linspace(0.1, 1, 9);
    for (let k = 0; k < 5 * calls; k++) {
      [axis, twice] = [k > calls && k % 17 === 0 ? 1 : 0, k > 2 * calls && k % 13 !== 0];
      expectClose(J(x.add(k)).toDense(), nested(jacobian(f)(x.add(k))), 9);
    }
  });

  test("a method may be given another value, another list, or the same one with other parts", () => {
    const [order, options, divisor] = [[0, 1], { ddof: 0 }, [0]];
    let isFirst = true;
    const f = (x: NDArray): NDArray => {
      const y = x.reshape([3, 3]).transpose(order);
      const [sine, cosine] = [y.sin(), y.cos()];
      return y
        .mul(y.square().variance(0, options))
        .mul(isFirst ? sine : cosine)
        .ravel();
    };
    const J = sparseJacobian(f, { pattern: full(9) });
    const quotient = sparseJacobian((x: NDArray) => x.div(divisor));
    const x = linspace(0.1, 1, 9);
    for (let k = 0; k < 7 * calls; k++) {
      if (k % (2 * calls) === calls) order.reverse();
      options.ddof = k % (3 * calls) < calls ? 0 : 1;
      divisor[0] = k % (4 * calls) < calls ? 0 : -0;
      isFirst = k % (5 * calls) < 2 * calls;
      expectClose(J(x).toDense(), nested(jacobian(f)(x)));
      expect(quotient(x).values.slice(0).item()).toBe(1 / divisor[0]);
    }
  });

  test("a method that looks at numbers is run in each call", () => {
    const J = sparseJacobian((x: NDArray) => x.slice(x.greater(1)).square(), {
      pattern: { ...full(3), shape: [1, 3], rows: [0, 0, 0], columns: [0, 1, 2] },
    });
    each((k) => {
      const x = ones([3]).set([k % 3], 2);
      expectClose(
        J(x).values,
        [0, 1, 2].map((i) => (i === k % 3 ? 4 : 0)),
      );
    });
  });

  test("an observer sees it in each call", () => {
    const J = sparseJacobian((x: NDArray) => x.sin());
    each(() => {
      const seen: string[] = [];
      const observer: Observer = (name, inputs, run) => {
        seen.push(name);
        return run(inputs);
      };
      observed(observer, false, () => J(ones([3])));
      expect(seen).toContain("sin");
    });
  });

  test("it may look at numbers, and take another branch or more steps", () => {
    const f = (x: NDArray): NDArray =>
      whileLoop(
        ({ s }) => s.max().less(4),
        ({ s }) => ({ s: s.mul(x.add(1)) }),
        {
          s: cond(
            x.slice(0).greater(1),
            (y: NDArray) => y.square(),
            (y: NDArray) => y.sin(),
            x,
          ),
        },
      ).s;
    const J = sparseJacobian(f);
    for (const a of [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 2, 0.5, 0.2, 2, 2, 2, 2, 2, 2, 3, 2]) {
      const x = array([a, 1.5, 1.2]);
      expectClose(J(x).toDense(), nested(jacobian(f)(x)));
    }
  });

  test("value and aux are those of the call", () => {
    const seen: number[] = [];
    const f = (x: NDArray): [NDArray[], { twice: NDArray; call: number; fixed: NDArray }] => {
      const call = seen.push(1);
      return [[x.sin(), x.square().sum()], { twice: x.mul(2), call, fixed: array(call) }];
    };
    const J = valueAndSparseJacobian(f, { hasAux: true });
    const only = sparseJacobian(f, { hasAux: true });
    each((k) => {
      const x = linspace(0, 1, 4).add(k);
      const [[[sine, sum], aux], [first, second]] = J(x);
      expectClose(sine, nested(x.sin()));
      expectClose(sum, nested(x.square().sum()));
      expectClose(aux.twice, nested(x.mul(2)));
      expect([aux.call, aux.fixed.item()]).toEqual([seen.length, seen.length]);
      expectClose(first.diagonal(), nested(x.cos()));
      expectClose(second.values, nested(x.mul(2)));
      expectClose(only(x)[1].twice, nested(x.mul(2)));
    });
    const hess = sparseHessian((x: NDArray) => [x.pow(3).sum(), x.add(1)] as const, { hasAux: true });
    each((k) => expectClose(hess(ones([2]).mul(k))[1], nested(ones([2]).mul(k).add(1))));
  });

  test("an error of its comes in each call", () => {
    let at = 0;
    const J = sparseJacobian((x: NDArray) => x.mul(x.take(at)));
    each(() => J(ones([2])));
    at = 7;
    expect(() => J(ones([2]))).toThrow();
    fails(() => sparseJacobian((x: NDArray) => x.mul(x.slice(0).item()))(ones([2])), TransformError, "no numbers to read");
  });
});

describe("inside of transformations", () => {
  const x = linspace(0.3, 1.2, 5);
  let k: NDArray = array(1);
  const f = (x: NDArray): NDArray => x.square().mul(k).add(x.roll(1).sin());
  const J = sparseJacobian(f);
  const H = sparseHessian((x: NDArray) => f(x).square().sum());

  test("by its arguments and by what f closes over", () => {
    const total = (x: NDArray): NDArray => J(x).values.square().sum();
    const byK = (a: NDArray): NDArray => {
      k = a;
      try {
        return J(x).values.square().sum().add(H(x).values.sum());
      } finally {
        k = array(1);
      }
    };
    const dense = (a: NDArray): NDArray => {
      k = a;
      try {
        return jacobian(f)(x)
          .square()
          .sum()
          .add(hessian((x: NDArray) => f(x).square().sum())(x).sum());
      } finally {
        k = array(1);
      }
    };
    const two = array([1.5, 2.5]);
    each(() => {
      expectClose(grad(total)(x), nested(grad((x: NDArray) => jacobian(f)(x).square().sum())(x)), 9);
      expectClose(jvp(total, [x], [x])[1], nested(jvp((x: NDArray) => jacobian(f)(x).square().sum(), [x], [x])[1]), 9);
      expectClose(grad(byK)(array(1.5)), nested(grad(dense)(array(1.5))), 9);
      expectClose(grad(grad(byK))(array(1.5)), nested(grad(grad(dense))(array(1.5))), 9);
      expectClose(vmap(byK)(two), nested(vmap(dense)(two)), 9);
      expectClose(vmap(grad(byK))(two), nested(vmap(grad(dense))(two)), 9);
      expectClose(jit(byK)(array(1.5)), nested(dense(array(1.5))), 9);
      expectClose(vmap((x: NDArray) => J(x).values)(stack([x, x.mul(2)])).slice(1), nested(J(x.mul(2)).values));
    });
  });

  test("a branch of lanes", () => {
    const own = sparseJacobian((x: NDArray) =>
      cond(
        x.sum().greater(2),
        (y: NDArray) => y.square(),
        (y: NDArray) => y.sin(),
        x,
      ),
    );
    const rows = stack([x, x.mul(0.1), x.mul(3)]);
    each(() => {
      const lanes = vmap((x: NDArray) => own(x).toDense())(rows);
      for (const i of [0, 1, 2]) expectClose(lanes.slice(i), nested(own(rows.slice(i)).toDense()));
    });
  });
});

test("0 times what is not finite is 0 once only the entries are computed", () => {
  const J = sparseJacobian((x: NDArray) => x.sqrt().add(x.roll(1)));
  const x = array([0, 1, 4]);
  each(() => J(x));
  expect(J(x).toDense().toArray()).toEqual([
    [Number.POSITIVE_INFINITY, 0, 1],
    [1, 0.5, 0],
    [0, 1, 0.25],
  ]);
});

test("a symmetric matrix is symmetric to the last bit", () => {
  const n = 40;
  const H = sparseHessian((x: NDArray) => x.roll(1).sub(x).square().add(1).pow(-3).mul(x.roll(3)).exp().sum());
  each(() => {
    const dense = H(linspace(0.1, 2, n)).toDense();
    expect(dense.sub(dense.T).abs().max().item()).toBe(0);
  });
});
