import {
  AxisError,
  array,
  checkpoint,
  concatenate,
  cond,
  conv,
  customVjp,
  grad,
  linalg,
  type NDArray,
  ones,
  scan,
  sin,
  stack,
  stopGradient,
  TransformError,
  TreeError,
  vjp,
  whileLoop,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { isTurn } from "@ad/expect/turns";
import { derivative, jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import {
  acrossBatch,
  batchJacobian,
  checkGrad,
  hessian,
  hessianDiagonal,
  jacfwd,
  jacobian,
  jacrev,
  laplacian,
  valueAndJacobian,
  valueGradHessian,
} from "../src/index.js";

/** Trees of arrays as trees of their shape and elements. */
const plain = (tree: unknown): unknown => {
  if (Array.isArray(tree)) return tree.map(plain);
  const x = tree as NDArray;
  if (typeof x.toArray === "function")
    return { shape: x.shape, dtype: x.dtype, data: Array.from(x.data(), (v) => Number(v.toPrecision(11)) + 0) };
  return Object.fromEntries(Object.entries(tree as object).map(([key, value]) => [key, plain(value)]));
};

const tall = array([
  [1, 2],
  [3, -4],
  [0.5, 6],
  [7, 8],
  [-9, 1],
]);
const x = array([0.5, -1.5]);

interface Subject {
  readonly name: string;
  readonly f: (...args: never[]) => unknown;
  readonly args: readonly unknown[];
}
/** Functions of two arguments of all shapes, so that argnums has a choice. */
const subjects: readonly Subject[] = [
  { name: "square", f: (a: NDArray, b: NDArray) => a.sin().mul(b.sum()), args: [x, ones([3])] },
  { name: "tall", f: (a: NDArray, b: NDArray) => tall.matmul(a.square()).mul(b), args: [x, array(2)] },
  {
    name: "very tall, in two leaves",
    f: (a: NDArray, b: NDArray) => ({ u: ones([20, 1]).mul(a.mul(b)).sin(), v: a.sum().mul(b) }),
    args: [x, array(2)],
  },
  { name: "wide", f: (a: NDArray, b: NDArray) => tall.T.matmul(a.mul(b).exp()), args: [array([0.1, -0.2, 0.3, 0, 0.5]), array(0.5)] },
  { name: "to a scalar", f: (a: NDArray, b: NDArray) => a.pow(3).mul(b).sum(), args: [x, array([2, 3])] },
  { name: "of scalars", f: (a: NDArray, b: NDArray) => a.mul(b).cos(), args: [array(0.5), array(2)] },
  {
    name: "of matrices",
    f: (a: NDArray, b: NDArray) => a.matmul(b).T.tanh(),
    args: [
      tall,
      array([
        [1, 0, 2],
        [0.5, 1, -1],
      ]),
    ],
  },
  {
    name: "of trees",
    f: (p: { w: NDArray; b: [NDArray, NDArray] }, q: NDArray) => ({ u: p.w.mul(p.b[0]), v: [p.b[1].square().mul(q), q.sin()] }),
    args: [{ w: x, b: [array(2), array([3, 4, 5])] }, array(0.3)],
  },
  { name: "constant", f: (_: NDArray, b: NDArray) => [array([1, 2]), b], args: [x, array(3)] },
  { name: "without elements", f: (a: NDArray, b: NDArray) => a.mul(2).add(b), args: [zeros([0]), array(1)] },
  { name: "to no elements", f: (a: NDArray, b: NDArray) => a.slice([0, 0]).mul(b), args: [x, array(1)] },
  { name: "single precision", f: (a: NDArray, b: NDArray) => a.mul(b), args: [x.astype("float32"), array([2, 3], { dtype: "float32" })] },
  { name: "mixed precision", f: (a: NDArray, b: NDArray) => a.mul(b), args: [x, array([2, 3], { dtype: "float32" })] },
];

const product = <T extends object>(axes: { readonly [K in keyof T]: readonly T[K][] }): T[] =>
  Object.entries(axes).reduce<object[]>(
    (list, [key, values]) =>
      list.flatMap((one) => (values as unknown[]).map((value) => (value === undefined ? one : { ...one, [key]: value }))),
    [{}],
  ) as T[];

const passes = {
  vectorize: [undefined, true, false],
  chunkSize: [undefined, 1, 2, 3, 100],
  memoryBudget: [undefined, 1, 400, 1e9],
};
const every = product<Record<string, unknown>>({ strategy: ["auto", "forward", "reverse"], ...passes });
/** The combinations of this run: each option has each of its values in every turn, since no number of values is a divisor of seven. */
const some = (k: number): Record<string, unknown>[] => every.filter((_, i) => isTurn(i + k, 7));

describe.each(subjects)("every combination of options, $name", ({ f, args, name }) => {
  const place = subjects.findIndex((each) => each.name === name);
  const call = (run: unknown, options: object): unknown =>
    plain((run as (f: unknown, o: object) => (...args: unknown[]) => unknown)(f, options)(...args));

  test.each([0, 1, [0], [1, 0]])("argnums %j", (argnums) => {
    const expected = call(jacobian, { argnums, vectorize: false, strategy: "reverse" });
    for (const options of some(place + [argnums].flat().length)) {
      expect(call(jacobian, { ...options, argnums }), JSON.stringify(options)).toEqual(expected);
      const { strategy, ...rest } = options;
      if (strategy === "forward") expect(call(jacfwd, { ...rest, argnums })).toEqual(expected);
      if (strategy === "reverse") expect(call(jacrev, { ...rest, argnums })).toEqual(expected);
    }
  });

  test.each([
    [-1, 1],
    [-2, 0],
    [
      [-1, 0],
      [1, 0],
    ],
    [
      [0, -1],
      [0, 1],
    ],
  ])("argnums %j are %j", (argnums, same) => {
    for (const run of [jacobian, jacfwd, jacrev, valueAndJacobian, hessian, valueGradHessian, hessianDiagonal, laplacian])
      expect(call(run, { argnums })).toEqual(call(run, { argnums: same }));
    fails(() => call(jacobian, { argnums: [-1, 1] }), AxisError, "jacobian: argnums [-1,1] names an argument twice; name each once.");
  });

  test("hasAux, and the value beside", () => {
    const withAux = (...given: never[]): unknown => [f(...given), { given, note: "n" }];
    for (const options of some(place)) {
      const [J, aux] = (jacobian as unknown as (f: unknown, o: object) => (...a: unknown[]) => [unknown, { note: string }])(withAux, {
        ...options,
        hasAux: true,
      })(...args);
      expect(plain(J)).toEqual(call(jacobian, {}));
      expect(aux.note).toBe("n");
      const [value] = (valueAndJacobian as unknown as (f: unknown, o: object) => (...a: unknown[]) => unknown[])(f, options)(...args);
      expect(plain(value)).toEqual(plain(f(...(args as never[]))));
    }
  });

  test("Hessians", () => {
    const strategies = ["auto", "forward", "reverse"];
    const expected = call(hessian, { vectorize: false });
    for (const options of product<Record<string, unknown>>({
      outerStrategy: strategies,
      innerStrategy: strategies,
      vectorize: [undefined, false],
      chunkSize: [undefined, 2],
      memoryBudget: [undefined, 400],
    }))
      expect(call(hessian, options), JSON.stringify(options)).toEqual(expected);
  });
});

describe("through control flow and operations with rules of their own", () => {
  const y = array([0.5, 1.5, 2.5]);
  const A = array([
    [4, 1, 0],
    [1, 3, 1],
    [0, 1, 5],
  ]);
  const points = array([
    [0.5, 1, 2],
    [1, 2, 1.5],
  ]);
  const maps: Record<string, (z: NDArray) => NDArray> = {
    solve: (z) => linalg.solve(A.add(z), z),
    svd: (z) => linalg.svd(A.mul(z)).s,
    scan: (z) => scan((c: NDArray, w: NDArray) => [c.mul(w).sin(), c] as [NDArray, NDArray], z.slice(0), z)[1],
    cond: (z) => cond(z.sum().greater(1), sin, (w: NDArray) => w, z),
    whileLoop: (z) =>
      whileLoop(
        (w: NDArray) => w.square().sum().less(50),
        (w: NDArray) => w.square().add(0.1),
        z,
      ),
    checkpoint: checkpoint((z: NDArray) => z.sin().mul(z)),
    conv: (z) =>
      conv(z.reshape(1, 1, 3), [[[1, 2]]])
        .ravel()
        .square(),
  };
  test.each(Object.entries(maps))("%s", (_, map) => {
    // Once as it is, and once with so many results that auto goes by columns.
    for (const f of [map, (z: NDArray) => ones([20, 1]).mul(map(z))]) {
      const expected = jacrev(f, { vectorize: false })(y);
      for (const options of every)
        expectClose(jacobian(f, { ...options, strict: true } as object)(y), expected.toArray() as number[][], 10);
      const batch = stack([0, 1].map((i) => jacobian(f)(points.slice(i))));
      expectClose(vmap(jacobian(f, { memoryBudget: 300, strict: true }))(points), batch.toArray() as number[][], 10);
      for (const interactions of ["none", "verify", "diagonal"] as const)
        expectClose(batchJacobian(vmap(f), { interactions })(points), batch.toArray() as number[][], 10);
    }
    checkGrad(map, [y], { order: 2, rtol: 1e-4 });
  });
});

describe("strict", () => {
  const f = (p: { w: NDArray; b: NDArray }, q: NDArray) => ({ u: p.w.mul(q), v: [p.b, q.mul(p.b)] });
  const point = { w: x, b: array(2) };

  test.each(every)("%j throws where nothing leads from an argument to a result", (options) => {
    const message = "the result at $.u does not depend on argument 0 at $.b, and strict is set; without it the derivative is zero.";
    fails(() => jacobian(f, { ...options, strict: true } as object)(point, array(1)), TransformError, `jacobian: ${message}`);
    expect(jacobian(f, options as object)(point, array(1)).u.b.toArray()).toEqual([0, 0]);
    expectClose(jacobian((y: NDArray) => y.mul(y.sum()), { ...options, strict: true } as object)(x), [
      [-0.5, 0.5],
      [-1.5, -2.5],
    ]);
  });

  test("goes by the operations, not by the values", () => {
    const strict = true;
    expect(jacobian((y: NDArray) => y.mul(0), { strict })(x).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    for (const g of [
      stopGradient,
      (y: NDArray) => y.sign(),
      (y: NDArray) => y.floor().add(1),
      (y: NDArray) => y.greater(0).astype("float64"),
      (_: NDArray) => x,
    ])
      fails(() => jacobian(g, { strict })(x), TransformError, "the result at $ does not depend on argument 0 at $");
    const both = (a: NDArray, b: NDArray) => concatenate([a, b.greater(0).astype("float64")]);
    expect(jacobian(both, { strict })(x, x).shape).toEqual([4, 2]);
    fails(
      () => jacrev(both, { strict, argnums: [0, 1] })(x, x),
      TransformError,
      "jacrev: the result at $ does not depend on argument 1 at $",
    );
    fails(() => jacfwd(both, { strict, argnums: 1 })(x, x), TransformError, "jacfwd: the result at $ does not depend on argument 1 at $");
  });

  test("of a Hessian asks for the first derivatives too, whatever the strategies", () => {
    const g = (p: { a: NDArray; b: NDArray }) => p.a.square().sum().add(p.b.sum());
    for (const outerStrategy of ["forward", "reverse"] as const)
      for (const innerStrategy of ["forward", "reverse"] as const) {
        const options = { outerStrategy, innerStrategy, strict: true };
        fails(
          () => hessian(g, options)({ a: x, b: x }),
          TransformError,
          "hessian: the derivative of the result at $ by argument 0 at $.a does not depend on argument 0 at $.b, and strict is set",
        );
        fails(
          () => valueGradHessian((_: NDArray) => array(1), options)(x),
          TransformError,
          "the result at $ does not depend on argument 0 at $",
        );
        expect(hessian((y: NDArray) => y.prod(), options)(x).shape).toEqual([2, 2]);
        expect(hessian((y: NDArray) => [y.prod(), 1] as const, { ...options, hasAux: true })(x)[1]).toBe(1);
      }
  });
});

describe("inside of other transformations", () => {
  const g = (y: NDArray): NDArray => tall.matmul(y.sin()).mul(y.sum());
  test.each(
    product<Record<string, unknown>>({ strategy: ["auto", "forward", "reverse"], chunkSize: [1, 2, 3], strict: [undefined, true] }),
  )("%j", (options) => {
    const f = (y: NDArray) =>
      jacobian(
        g,
        options as object,
      )(y)
        .square()
        .sum();
    const plainly = (y: NDArray) => jacobian(g)(y).square().sum();
    expectClose(grad(f)(x), grad(plainly)(x).toArray() as number[]);
    expectClose(jvp(f, [x], [ones([2])])[1], jvp(plainly, [x], [ones([2])])[1].item());
    expectClose(vmap(f)(tall), vmap(plainly)(tall).toArray() as number[]);
    expectClose(vjp(f, x)[1](2)[0], vjp(plainly, x)[1](2)[0].toArray() as number[]);
  });
});

describe("f is called", () => {
  const count = (run: (f: (y: NDArray) => NDArray) => unknown): number => {
    let calls = 0;
    run((y) => {
      calls++;
      return y.sin().mul(2);
    });
    return calls;
  };
  test("once, whichever way auto goes", () => {
    expect(count((f) => jacobian(f)(x))).toBe(1);
    expect(count((f) => jacobian((y) => tall.matmul(f(y)))(x))).toBe(1);
    expect(count((f) => jacobian((y) => f(y).sum())(x))).toBe(1);
    expect(count((f) => jacobian(f, { chunkSize: 1 })(x))).toBe(1);
    expect(count((f) => valueAndJacobian(f)(x))).toBe(1);
    expect(count((f) => valueGradHessian((y) => f(y).sum())(x))).toBe(1);
  });
  test("columns and rows are as many as auto wants", () => {
    // Each pass of the pullback asks for the rule once, and so does its transposition.
    const passes = (n: number, m: number): number => {
      let asked = 0;
      const same = customVjp(
        (y: NDArray) => y,
        (y: NDArray) => [
          y,
          (ct: NDArray) => {
            asked++;
            return [ct];
          },
        ],
      );
      jacobian((y: NDArray) => (same(y) as NDArray).sum().broadcastTo([m]), { vectorize: false })(ones([n]));
      return asked;
    };
    // A column is pushed through the transposed pullback, a row pulled back.
    expect(passes(2, 100)).toBe(1);
    expect(passes(100, 2)).toBe(2);
    expect(passes(50, 50)).toBe(50);
    expect(passes(2, 4)).toBe(4);
  });
  test("once for each chunk by jacfwd", () => expect(count((f) => jacfwd(f, { chunkSize: 2 })(ones([5])))).toBe(3));
  test("once more for strict, and for memoryBudget by jacfwd", () => {
    expect(count((f) => jacobian(f, { strict: true })(x))).toBe(2);
    expect(count((f) => jacobian(f, { memoryBudget: 1e6 })(x))).toBe(1);
    expect(count((f) => jacfwd(f, { memoryBudget: 1e6 })(x))).toBe(2);
    expect(count((f) => jacobian(f, { memoryBudget: 1e6, strict: true })(x))).toBe(2);
  });
});

test("auto takes rows where a custom pullback is not linear", () => {
  const clipped = customVjp(
    (y: NDArray) => y.mul(2),
    (y: NDArray) => [y.mul(2), (ct: NDArray) => [ct.clip(-0.5, 0.5)]],
  );
  const f = (y: NDArray): NDArray => ones([30, 1]).mul(clipped(y) as NDArray);
  const expected = jacobian(f, { strategy: "reverse" })(x);
  expect(expected.max().item()).toBe(0.5);
  for (const chunkSize of [1, 2]) expect(jacobian(f, { chunkSize })(x).toArray()).toEqual(expected.toArray());
});

describe("a chunk", () => {
  const calls = (options: object, n: number): number => {
    let count = 0;
    const f = (y: NDArray): NDArray => {
      count++;
      return y.sin().exp();
    };
    jacfwd(f, options)(ones([n]));
    return count;
  };
  test("has chunkSize directions at most", () => {
    expect(calls({ chunkSize: 3 }, 7)).toBe(3);
    expect(calls({ chunkSize: 7 }, 7)).toBe(1);
    expect(calls({ chunkSize: 3, vectorize: false }, 7)).toBe(7);
  });
  test("takes memoryBudget bytes at most", () => {
    // Two intermediate results of 100 elements beside the input, 8 bytes each: 2400 bytes for each direction. One call looks how many.
    expect(calls({ memoryBudget: 1 }, 100)).toBe(101);
    expect(calls({ memoryBudget: 24000 }, 100)).toBe(11);
    expect(calls({ memoryBudget: 24000, chunkSize: 5 }, 100)).toBe(21);
    expect(calls({ memoryBudget: 1e9 }, 100)).toBe(2);
  });
  test("takes 64 MiB by default, once all directions take more than 16 MiB", () => {
    expect(calls({}, 1400)).toBe(1);
    // 48 000 bytes for each of 2000 directions.
    expect(calls({}, 2000)).toBe(1 + 2);
    expect(calls({ chunkSize: 1000 }, 2000)).toBe(2);
    expect(calls({ memoryBudget: 2 ** 28 }, 2000)).toBe(1 + 1);
  });
  test("counts the lanes of a batch around it", () => {
    let count = 0;
    const f = (y: NDArray): NDArray => {
      count++;
      return y.sin().exp();
    };
    // 2400 bytes for each direction and lane, 10 lanes.
    vmap(jacfwd(f, { memoryBudget: 240000 }))(ones([10, 100]));
    expect(count).toBe(11);
  });
});

describe("sizes that are none", () => {
  test.each(["chunkSize", "memoryBudget"])("%s", (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "4", null])
      for (const [op, run] of Object.entries({ jacobian, jacfwd, jacrev, hessian, valueAndJacobian, valueGradHessian }))
        fails(() => (run as typeof jacobian)((y) => y, { [name]: value } as object), TransformError, `${op}: ${name} is `);
    fails(() => jacobian((y) => y, { [name]: 0 } as object), TransformError, `${name} is 0 (number); give a positive whole number`);
  });
});

describe("valueGradHessian", () => {
  test("is value, gradient and Hessian", () => {
    const f = (p: { a: NDArray; b: NDArray }) => p.a.square().mul(p.b).sum();
    const [value, gradient, H] = valueGradHessian(f)({ a: x, b: array(3) });
    expect(value.item()).toBe(7.5);
    expect([gradient.a.toArray(), gradient.b.item()]).toEqual([[3, -9], 2.5]);
    expect([H.a.b.toArray(), H.b.b.item()]).toEqual([[1, -3], 0]);
    const [[v, aux], g, h] = valueGradHessian((y: NDArray) => [y.prod(), { y: y.add(1) }] as const, { hasAux: true, argnums: [0] })(x);
    expect([v.item(), aux.y.toArray(), g[0].toArray(), h[0][0].toArray()]).toEqual([
      -0.75,
      [1.5, -0.5],
      [-1.5, 0.5],
      [
        [0, 1],
        [1, 0],
      ],
    ]);
  });
});

test.each(
  Object.entries({
    jacobian,
    jacfwd,
    jacrev,
    valueAndJacobian,
    hessian,
    valueGradHessian,
    hessianDiagonal,
    laplacian,
    batchJacobian,
    derivative,
    vmap,
  }),
)("%s(f, x) is told that %s(f) returns a function", (op, transform) => {
  const run = transform as (...all: unknown[]) => unknown;
  const sum = (y: NDArray): NDArray => y.sum();
  for (const [value, text] of [
    [x, "an array of shape [2] and dtype float64"],
    [1, "1 (number)"],
    [[x], "a JS array of length 1"],
    [new Float64Array(2), "a Float64Array"],
    [null, "null"],
  ] as const) {
    fails(() => run(sum, value), TreeError, `${op}: options are ${text}; give an object with any of `);
    fails(() => run(sum, value), TreeError, `${op}(f) returns a function: call ${op}(f)(x)`);
  }
  fails(() => run(sum, { w: x }), TreeError, `${op}: there is no option "w". The options are `);
  fails(() => run(sum, { w: x }), TreeError, `${op}(f) returns a function: call ${op}(f)(x)`);
});

test("axes in place of vmap's options", () => {
  for (const axes of [0, null, [0, null]])
    fails(() => vmap((y: NDArray) => y, axes as never), TreeError, "call vmap(f)(x), with axes as options: vmap(f, { inAxes: 0 }).");
});

test("acrossBatch(f, x) is told that acrossBatch(f) returns a function", () =>
  fails(
    () => (acrossBatch as (...all: unknown[]) => unknown)((y: NDArray) => y, x),
    TreeError,
    "acrossBatch: an array of shape [2] and dtype float64 is one argument too many; acrossBatch(f) returns a function: call acrossBatch(f)(x).",
  ));
