import { arange, array, DTypeError, grad, linalg, type NDArray, ones, ShapeError, stack, TransformError, TreeError } from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { linearTranspose } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { bicgstab, conjugateGradient, gmres, ilu0, jacobi, SparseMatrix, statusOf } from "../../src/index.js";
import { denseOf, matrixOf, numbers, type Sample } from "../matrix/samples.js";
import { type Function, transformations } from "../transformations.js";

const methods = { conjugateGradient, gmres, bicgstab } as const;
type Method = typeof conjugateGradient;

const general = {
  sample: { shape: [4, 4], rows: [0, 0, 1, 1, 1, 2, 2, 2, 3, 3], columns: [0, 1, 0, 1, 3, 1, 2, 3, 1, 3] } as Sample,
  values: array([4, 1, -1, 3, 0.5, 1, 2, -0.5, 0.3, 5]),
};
/** Symmetric positive definite, and neither. */
const systems = {
  conjugateGradient: {
    sample: { shape: [4, 4], rows: [0, 0, 1, 1, 1, 2, 3, 3], columns: [0, 1, 0, 1, 3, 2, 1, 3] } as Sample,
    values: array([4, 1, 1, 3, 0.5, 2, 0.5, 5]),
  },
  gmres: general,
  bicgstab: general,
} as const;

const options = { rtol: 1e-13 };

/** Each kind of map, with another preconditioner. */
const kinds: Readonly<Record<string, (solve: Method, sample: Sample) => Function>> = {
  "a sparse matrix, ilu0": (solve, sample) => (v, b) => {
    const a = matrixOf(sample, v);
    return solve(a, b, { ...options, preconditioner: ilu0(a) }).x;
  },
  "a dense matrix, jacobi": (solve, sample) => (v, b) => {
    const a = denseOf(sample, v);
    return solve(a, b, { ...options, preconditioner: jacobi(a) }).x;
  },
  "a function, a sparse matrix that is near to its inverse": (solve, sample) => {
    const near = SparseMatrix.eye(4).scale(0.3);
    return (v, b) => solve((x: NDArray) => denseOf(sample, v).matmul(x), b, { ...options, preconditioner: near }).x;
  },
  "a function of a tree, a function of it, a start": (solve, sample) => (v, b) => {
    type Tree = { u: NDArray; w: [NDArray] };
    const tree = (x: NDArray): Tree => ({ u: x.slice([0, 1]), w: [x.slice([1, null]).reshape(3, 1)] });
    const vector = ({ u, w }: Tree): NDArray => (u.ndim === 1 ? stack([u.slice(0), ...w[0].ravel()]) : u);
    const { x } = solve<Tree>((x) => tree(matrixOf(sample, v).matmul(vector(x))), tree(b), {
      ...options,
      preconditioner: ({ u, w }) => ({ u: u.mul(0.25), w: [w[0].mul(0.4)] }),
      x0: tree(b.mul(0.5)),
    });
    return vector(x);
  },
};

const { "a batch of values": _, ...own } = transformations;
const cases = Object.entries(methods).flatMap(([name, method]) =>
  Object.entries(kinds).map(([kind, make]) => ({ name: name as keyof typeof methods, method, kind, make })),
);

describe.each(Object.entries(own))("%s is that of linalg.solve", (_, transformed) => {
  test.each(cases)("$name, $kind", ({ name, method, make }) => {
    const { sample, values } = systems[name];
    const b = numbers([4], 3);
    const actual = transformed(make(method, sample), values, b);
    const expected = transformed((v, b) => linalg.solve(denseOf(sample, v), b), values, b);
    expect(actual.length).toBe(expected.length);
    actual.forEach((each, i) => {
      expect(each.dtype).toBe(expected[i].dtype);
      expectClose(each, expected[i].toArray() as never, each.dtype === "float32" ? 4 : 9);
    });
  });
});

/** The five-point Laplacian on a square of n × n points, of which the values are 4 and −1, and a wind. */
function laplacian(n: number, wind = 0): SparseMatrix {
  const [rows, columns, values]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < n * n; i++)
    for (const [step, value] of [
      [-n, -1],
      [-1, -1 - wind],
      [0, 4],
      [1, -1 + wind],
      [n, -1],
    ] as const) {
      const at = i + step;
      if (at < 0 || at >= n * n || (Math.abs(step) === 1 && Math.floor(at / n) !== Math.floor(i / n))) continue;
      rows.push(i);
      columns.push(at);
      values.push(value);
    }
  return SparseMatrix.fromCoordinates([n * n, n * n], rows, columns, values);
}

describe.each(Object.entries(methods) as [keyof typeof methods, Method][])("%s", (name, solve) => {
  const { sample, values } = systems[name];
  const a = matrixOf(sample, values);
  const b = numbers([4], 3);
  const exact = linalg.solve(a.toDense(), b);

  test("says that it converged, in how many steps, and how near", () => {
    const { x, converged, status, iterations, residual } = solve(a, b);
    expect([converged, status]).toEqual([true, "converged: the residual is within the tolerance"]);
    expect(iterations).toBeGreaterThan(1);
    expect(iterations).toBeLessThanOrEqual(5);
    expectClose(b.sub(a.matmul(x)).norm(), residual, 15);
    expect(residual).toBeLessThanOrEqual(1e-10 * (b.norm().item() as number));
  });

  test("says why it did not converge, and has come nearer", () => {
    const big = laplacian(12);
    const { converged, status, iterations, residual } = solve(big, ones([144]), { maxIterations: 5 });
    expect([converged, status, iterations]).toEqual([false, "stopped: maxIterations is reached", 5]);
    expect(residual).toBeLessThan(12);
    expect(solve(a, b.mul(Number.NaN))).toMatchObject({ converged: false, status: "stopped: the map gives a value that is not finite" });
    expect(solve((v: NDArray) => v.div(0), b).status).toBe("stopped: the map gives a value that is not finite");
    expect(solve((v: NDArray) => v.mul(0), b)).toMatchObject({ converged: false, status: "stopped: no step makes progress any more" });
  });

  test("a singular matrix has a solution where b is in its range", () => {
    const flat = SparseMatrix.fromDense([
      [1, -1, 0],
      [-1, 2, -1],
      [0, -1, 1],
    ]);
    const { x, converged } = solve(flat, array([1, 0, -1]));
    expect(converged).toBe(true);
    expectClose(flat.matmul(x), [1, 0, -1], 9);
    const none = solve(flat, array([1, 1, 1]), { maxIterations: 50 });
    expect(none.converged).toBe(false);
    expect(Number.isFinite(none.residual)).toBe(true);
  });

  test("a derivative whose equations are not solved is NaN, and other lanes have theirs", () => {
    const big = laplacian(12);
    // One step is enough for a vector that the matrix stretches, and for no other one.
    const wave = arange(1, 13)
      .mul(Math.PI / 13)
      .sin();
    const even = wave.expandDims(1).mul(wave).ravel();
    const sum = (b: NDArray): NDArray => solve(big, b, { maxIterations: 2 }).x.mul(even).sum();
    const uneven = (b: NDArray): NDArray => solve(big, b, { maxIterations: 2 }).x.mul(arange(144)).sum();
    const [finite, lost] = [grad(sum)(even), grad(uneven)(even)];
    expect(solve(big, even, { maxIterations: 2 }).converged).toBe(true);
    expectClose(big.matmul(finite), even.toArray() as number[], 9);
    expect(lost.isNaN().all().item()).toBe(true);
    expect(jit(grad(uneven))(even).isNaN().all().item()).toBe(true);
    const along = (t: NDArray): NDArray => jvp((b: NDArray) => solve(big, b, { maxIterations: 2 }).x, [even], [t])[1];
    const lanes = vmap(along)(stack([even, arange(144)]));
    expect([lanes.slice(0), lanes.slice(1)].map((x) => x.isNaN().any().item())).toEqual([false, true]);
  });

  test("nothing is to be done for b = 0, or at the solution", () => {
    expect(solve(a, array([0, 0, 0, 0]))).toMatchObject({ converged: true, iterations: 0, residual: 0 });
    expect(solve(a, b, { x0: exact })).toMatchObject({ converged: true, iterations: 0 });
    expectClose(solve(a, array([0, 0, 0, 0]), { x0: b, atol: 1e-12 }).x, [0, 0, 0, 0], 9);
    expectClose(
      grad((b: NDArray) => solve(a, b).x.sum())(array([0, 0, 0, 0])),
      linalg.solve(a.T.toDense(), ones([4])).toArray() as never,
      9,
    );
  });

  test("every tolerance and start gives the same solution and derivative", () => {
    for (const more of [{ x0: array([9, -9, 3, 2]) }, { atol: 1e-12 }, { preconditioner: jacobi(a) }, { preconditioner: ilu0(a) }]) {
      const f = (b: NDArray): NDArray =>
        solve(a, b, { ...options, ...more })
          .x.square()
          .sum();
      expectClose(solve(a, b, { ...options, ...more }).x, exact.toArray() as never, 10);
      expectClose(grad(f)(b), linalg.solve(a.T.toDense(), exact.mul(2)).toArray() as never, 9);
    }
    expect(solve(a, b, { rtol: 0.5 }).iterations).toBeLessThan(solve(a, b).iterations);
  });

  test("steps have any bound, and none", () => {
    expect(solve(a, b, { maxIterations: 0, x0: exact.mul(0.9) })).toMatchObject({ iterations: 0, status: statusOf(0) });
    for (const maxIterations of [2 ** 31 - 1, 2 ** 31, 1e300, Number.POSITIVE_INFINITY]) {
      expect(solve(a, b, { maxIterations }).converged).toBe(true);
      expectClose(jit((b: NDArray) => solve(a, b, { maxIterations }).x)(b), exact.toArray() as never, 9);
    }
  });

  test("says how many products it took", () => {
    let products = 0;
    const map = (v: NDArray): NDArray => {
      products++;
      return a.matmul(v);
    };
    for (const options of [{}, { x0: exact.mul(0.5) }, { x0: exact }]) {
      products = 0;
      const { evaluations } = solve(map, b, options);
      // One more finds out what the map closes over.
      expect(products).toBe(evaluations + 1);
    }
    const lanes = vmap((b: NDArray) => solve(a, b))(stack([b, b.mul(0)])) as unknown as Record<string, NDArray>;
    expect(lanes.evaluations.toArray()).toEqual([solve(a, b).evaluations, 0]);
  });

  test("what is very large or small is solved as anything else", () => {
    for (const scale of [1e250, 1e-250, 2 ** -1000]) {
      const { x, converged, residual } = solve(a, b.mul(scale));
      expect(converged).toBe(true);
      expectClose(x.div(scale), exact.toArray() as never, 9);
      expect(residual).toBeLessThanOrEqual(1e-9 * scale);
      expectClose(solve(a, b.mul(scale), { x0: exact.mul(scale * 0.9) }).x.div(scale), exact.toArray() as never, 9);
    }
    const float = solve(matrixOf(sample, values.astype("float32")), b.mul(1e-30).astype("float32"));
    expect(float.converged).toBe(true);
    expectClose(float.x.mul(1e30), exact.toArray() as never, 4);
    for (const number of [Number.POSITIVE_INFINITY, Number.NaN])
      expect(solve(a, array([number, 0, 0, 1]))).toMatchObject({ converged: false, status: statusOf(-1) });
    const lanes = vmap((b: NDArray) => solve(a, b).x)(stack([b.mul(1e250), b, b.mul(0)]));
    expectClose(lanes.slice(0).div(1e250), exact.toArray() as never, 9);
    expectClose(lanes.slice(1), exact.toArray() as never, 9);
  });

  test("each lane stops by itself", () => {
    const eye = array([1, 0, 0, 0]);
    const starts = stack([exact, eye, b.mul(0)]);
    const alone = [exact, eye, b.mul(0)].map((x0) => solve(a, b, { x0 }));
    const lanes = vmap((x0: NDArray) => solve(a, b, { x0 }))(starts) as unknown as Record<string, NDArray>;
    expect(lanes.iterations.toArray()).toEqual(alone.map(({ iterations }) => iterations));
    expect(lanes.iterations.dtype).toBe("int32");
    expect(lanes.converged.toArray()).toEqual([true, true, true]);
    expect((lanes.status.toArray() as number[]).map(statusOf)).toEqual(alone.map(({ status }) => status));
    // A lane without a solution is no other lane's business.
    const some = vmap((b: NDArray) => solve(a, b).x)(stack([b, b.mul(Number.NaN), b.mul(2)]));
    expectClose(some.slice(0), exact.toArray() as never, 9);
    expectClose(some.slice(2), exact.mul(2).toArray() as never, 9);
    const same = vmap((b: NDArray) => solve(a, b))(stack([b, b])) as unknown as Record<string, NDArray>;
    expect(same.iterations.dtype).toBe("int32");
  });

  test("all of the result comes out of jit, as arrays", () => {
    const result = jit((b: NDArray) => solve(a, b))(b) as unknown as Record<string, NDArray>;
    const plain = solve(a, b);
    expect(result.iterations.item()).toBe(plain.iterations);
    expect(result.status.item()).toBe(1);
    expect(result.converged.item()).toBe(true);
    expectClose(result.x, plain.x.toArray() as never);
  });

  test("a start, a preconditioner and a report have no derivative", () => {
    const f = (s: NDArray): NDArray => {
      const { residual, x } = solve(a, b, { x0: exact.mul(s), preconditioner: jacobi(a.scale(s)) });
      return x.sum().mul(0).add(residual).add(s);
    };
    expectClose(grad(f)(array(0.5)), 1, 9);
  });

  test("it is linear in b, and transposed without numbers", () => {
    const f = (b: NDArray): NDArray => solve(a, b, options).x;
    expectClose(linearTranspose(f, b)(ones([4])), linalg.solve(a.T.toDense(), ones([4])).toArray() as never, 9);
    expectClose(
      linearTranspose((b: NDArray) => solve((x: NDArray) => a.matmul(x), b, options).x, b)(b),
      linalg.solve(a.T.toDense(), b).toArray() as never,
      9,
    );
  });

  test("onStep is told each step, and none of the derivatives'", () => {
    const seen: (readonly [number, number])[] = [];
    const onStep = ({ iterations, residual }: { iterations: number; residual: number }): void => void seen.push([iterations, residual]);
    const { iterations } = solve(a, b, { onStep });
    expect(seen.map(([step]) => step)).toEqual(Array.from({ length: iterations }, (_, i) => i + 1));
    expect(seen.at(-1)?.[1]).toBeLessThan(1e-9);
    grad((b: NDArray) => solve(a, b, { onStep }).x.sum())(b);
    expect(seen.length).toBe(2 * iterations);
  });

  test("onStep is told the steps of all lanes, and those of a program in each run", () => {
    const bs = stack([b, b.mul(array([1, -1, 2, 3])), b.square()]);
    const alone = [0, 1, 2].map((lane) => {
      const seen: number[] = [];
      solve(a, bs.slice(lane), { onStep: ({ residual }) => void seen.push(residual) });
      return seen;
    });
    let seen: { iterations: NDArray; residual: NDArray }[] = [];
    const batch = vmap((b: NDArray) => solve(a, b, { onStep: (step) => void seen.push(step as never) }).x);
    for (const run of [batch, jit(batch)]) {
      seen = [];
      run(bs);
      run(bs);
      const steps = Math.max(...alone.map(({ length }) => length));
      expect(seen.length).toBe(2 * steps);
      alone.forEach((residuals, lane) => {
        expect(seen.slice(0, residuals.length).map(({ iterations }) => iterations.slice(lane).item())).toEqual(
          residuals.map((_, i) => i + 1),
        );
        for (const [i, residual] of residuals.entries()) expect(seen[i].residual.slice(lane).item()).toBeCloseTo(residual, 7);
      });
    }
  });

  test("nothing is recorded: the way back takes as many products as the way there", () => {
    const big = laplacian(10);
    let calls = 0;
    const map = (x: NDArray): NDArray => {
      calls++;
      return big.matmul(x);
    };
    const { iterations } = solve(map, ones([100]));
    const plain = calls;
    calls = 0;
    grad((b: NDArray) => solve(map, b).x.sum())(ones([100]));
    expect(calls).toBeLessThan(plain + 10);
    expect(iterations).toBeGreaterThan(10);
  });

  test("columns, whole numbers, numbers and dtypes", () => {
    const columns = stack([b, b.sin()], 1);
    expectClose(solve(a, columns, options).x, linalg.solve(a.toDense(), columns).toArray() as never, 9);
    expectClose(solve(a, b, { x0: [1, 2, 3, 4] as never }).x, exact.toArray() as never, 9);
    expect(solve(a, [1, 2, 3, 4], options).x.dtype).toBe("float64");
    expectClose(
      solve(a, array([1, 2, 3, 4], { dtype: "int32" }), options).x,
      linalg.solve(a.toDense(), [1, 2, 3, 4]).toArray() as never,
      9,
    );
    expectClose(solve((x: NDArray) => x.mul(4), 2 as never).x, 0.5);
    const small = solve(matrixOf(sample, values.astype("float32")), b.astype("float32"));
    expect([small.x.dtype, small.converged]).toEqual(["float32", true]);
    expect(solve(matrixOf(sample, values.astype("float32")), b).x.dtype).toBe("float64");
    expect(solve(SparseMatrix.eye(0), array([])).x.shape).toEqual([0]);
  });

  test("wrong input says what to do", () => {
    const wrong = (run: () => unknown, Class: new (message?: string) => Error, text: string): void => fails(run, Class, text);
    wrong(() => solve(a, array([1, 2, 3])), ShapeError, "give [4] or [4, k]");
    wrong(() => solve(SparseMatrix.fromDense([[1, 2]]), array([1])), ShapeError, "one square matrix");
    wrong(() => solve(ones([2, 3]), array([1, 2])), ShapeError, "one square matrix");
    wrong(() => solve(vmap((s: NDArray) => a.scale(s))(array([1, 2])), b), ShapeError, "vmap");
    wrong(() => solve(3, b), ShapeError, "one square matrix");
    wrong(() => solve("a" as never, b), DTypeError, name);
    wrong(() => solve(a, { b } as never), DTypeError, name);
    wrong(() => solve(a, "b" as never), DTypeError, name);
    wrong(() => solve((x: NDArray) => x, "b" as never), TreeError, "b has");
    wrong(() => solve((x: { b: NDArray }) => x, { b }, { preconditioner: a as never }), ShapeError, "a function in place of the matrix");
    wrong(() => solve((x: NDArray) => x.sum(), b), ShapeError, "the result of the map");
    wrong(() => solve((x: NDArray) => ({ x }), b), TreeError, "the result of the map has the form");
    wrong(() => solve(async (x: NDArray) => x, b), TransformError, "Promise");
    wrong(() => solve(a, b, { tol: 1 } as never), TreeError, '"rtol"');
    wrong(() => solve(a, b, { rtol: -1 }), TreeError, "rtol is -1");
    wrong(() => solve(a, b, { atol: Number.NaN }), TreeError, "atol is NaN");
    wrong(() => solve(a, b, { maxIterations: -1 }), TreeError, "maxIterations is -1");
    wrong(() => solve(a, b, { maxIterations: Number.NaN }), TreeError, "maxIterations is NaN");
    wrong(() => solve(a, b, { maxIterations: 1.5 }), TreeError, "maxIterations is 1.5");
    wrong(() => solve(a, b, { x0: array([1]) }), ShapeError, "x0 has shape [1]");
    wrong(() => solve(a, b, { preconditioner: ones([3, 3]) }), ShapeError, "the preconditioner has shape [3, 3]");
    wrong(() => solve(a, b, { preconditioner: (x: NDArray) => x.sum() }), ShapeError, "the result of the preconditioner");
    wrong(() => solve(a, b, { onStep: 3 } as never), TransformError, name);
    wrong(() => solve(a, b, 3 as never), TreeError, "give an object");
  });
});

test("on a discretised equation ILU(0) takes fewer steps than no preconditioner, and all solvers agree", () => {
  const n = 24;
  for (const [a, list] of [
    [laplacian(n), [conjugateGradient, gmres, bicgstab]],
    [laplacian(n, 0.7), [gmres, bicgstab]],
  ] as const) {
    const b = numbers([n * n]);
    const exact = linalg.solve(a.toDense(), b);
    for (const solve of list) {
      const [plain, with0] = [solve(a, b), solve(a, b, { preconditioner: ilu0(a) })];
      expect([plain.converged, with0.converged]).toEqual([true, true]);
      expect(with0.iterations).toBeLessThan(plain.iterations / 2);
      expect(plain.x.sub(exact).norm().div(exact.norm()).item()).toBeLessThan(1e-7);
      expect(with0.x.sub(exact).norm().div(exact.norm()).item()).toBeLessThan(1e-7);
    }
  }
});

test("gmres begins again after `restart` steps, and keeps to the bound of steps", () => {
  const a = laplacian(10, 0.4);
  const b = numbers([100]);
  const [whole, short] = [gmres(a, b, { restart: 100 }), gmres(a, b, { restart: 5 })];
  expect([whole.converged, short.converged]).toEqual([true, true]);
  expect(short.iterations).toBeGreaterThan(whole.iterations);
  expect(gmres(a, b, { restart: 5, maxIterations: 12 }).iterations).toBe(12);
  fails(() => gmres(a, b, { restart: 0 }), TreeError, "restart is 0");
  fails(() => bicgstab(a, b, { restart: 5 } as never), TreeError, "no option");
});

test("a matrix for which bicgstab breaks down at once: it says so, and gmres does not", () => {
  const turn = SparseMatrix.fromDense([
    [0, 1],
    [-1, 0],
  ]);
  expect(bicgstab(turn, array([1, 2]))).toMatchObject({ converged: false, status: "stopped: no step makes progress any more" });
  expectClose(gmres(turn, array([1, 2])).x, [-2, 1]);
});

describe("preconditioners", () => {
  const a = SparseMatrix.fromDense([
    [4, 1, 0],
    [2, 5, 3],
    [0, 1, 6],
  ]);
  test("ilu0 of a tridiagonal matrix is its inverse, on vectors and columns, transposed and in lanes", () => {
    const inverse = linalg.inv(a.toDense());
    const near = ilu0(a);
    expectClose(near(array([1, 2, 3])), inverse.matmul([1, 2, 3]).toArray() as never);
    expectClose(near(ones([3, 2])), inverse.matmul(ones([3, 2])).toArray() as never);
    expectClose(grad((v: NDArray) => near(v).mul([1, 2, 3]).sum())(ones([3])), inverse.T.matmul([1, 2, 3]).toArray() as never);
    const both = vmap((s: NDArray) => ilu0(a.scale(s))(array([1, 2, 3])))(array([1, 2]));
    expectClose(both.slice(1), inverse.matmul([0.5, 1, 1.5]).toArray() as never);
    expectClose(
      jit((v: NDArray) => ilu0(matrixOf({ shape: [3, 3], rows: [...a.rows], columns: [...a.columns] }, v))(array([1, 2, 3])))(a.values),
      inverse.matmul([1, 2, 3]).toArray() as never,
    );
    expect(near(ones([3]).astype("float32")).dtype).toBe("float32");
  });

  test("what is filled in is dropped", () => {
    const arrow = SparseMatrix.fromDense([
      [4, 1, 1],
      [1, 4, 0],
      [1, 0, 4],
    ]);
    // l and u of the pattern: the last row and column lack what elimination would fill in.
    const l = linalg.inv(
      array([
        [1, 0, 0],
        [0.25, 1, 0],
        [0.25, 0, 1],
      ]),
    );
    const u = linalg.inv(
      array([
        [4, 1, 1],
        [0, 3.75, 0],
        [0, 0, 3.75],
      ]),
    );
    expectClose(ilu0(arrow)(array([1, 2, 3])), u.matmul(l).matmul([1, 2, 3]).toArray() as never);
  });

  test("jacobi divides by the diagonal, where there is one", () => {
    expectClose(
      jacobi([
        [2, 1],
        [1, 0],
      ])(array([4, 4])),
      [2, 4],
    );
    expectClose(jacobi(a)(ones([3, 2])), [
      [0.25, 0.25],
      [0.2, 0.2],
      [1 / 6, 1 / 6],
    ]);
  });

  test("wrong input says what to do", () => {
    fails(
      () =>
        ilu0(
          SparseMatrix.fromDense([
            [0, 1],
            [1, 1],
          ]),
        ),
      ShapeError,
      "place 0 of the diagonal is not stored",
    );
    fails(
      () =>
        ilu0(
          SparseMatrix.fromDense([
            [1, 1],
            [1, 1],
          ]),
        ),
      linalg.LinAlgError,
      "the pivot of row 1 is 0",
    );
    fails(() => ilu0([[1]] as never), TreeError, "give a SparseMatrix");
    fails(() => ilu0(SparseMatrix.fromDense([[1, 1]])), ShapeError, "one square matrix");
    fails(() => jacobi([1, 2]), ShapeError, "one square matrix");
    fails(() => jacobi(a)(array([1, 2])), ShapeError, "give [3] or [3, k]");
    fails(() => statusOf(7), TreeError, "no status 7");
  });
});
