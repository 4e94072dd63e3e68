// Derivatives of what eigh and svd give, at distinct, close and repeated eigenvalues, against closed forms and Cholesky's factors.
import {
  arange,
  array,
  checkpoint,
  concatenate,
  type DType,
  diag,
  eye,
  grad,
  linalg,
  type NDArray,
  sin,
  stack,
  valueAndGrad,
  vjp,
} from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvp, pushforward } from "@ad/forward";
import { hessian, hvp, jacobian } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { float64, makeCase } from "../src/case.js";
import { identities } from "../src/identities/index.js";
import { exactly, of } from "../src/inputs.js";
import { checkIdentity } from "../src/suite.js";

type F = (x: NDArray) => NDArray;

const wave = (shape: readonly number[], seed: number): NDArray =>
  sin(
    arange(shape.reduce((m, n) => m * n, 1))
      .mul(1.7)
      .add(seed),
  ).reshape(shape);

const flip: F = (x) => x.swapaxes(-1, -2);
const symmetric = (n: number, seed: number): NDArray =>
  wave([n, n], seed)
    .add(wave([n, n], seed).T)
    .div(2);
const turn = (n: number, seed: number): NDArray => linalg.qr(wave([n, n], seed)).q;

/** A symmetric matrix of these eigenvalues; without a seed a diagonal one. */
function withValues(values: readonly number[], seed?: number): NDArray {
  if (seed === undefined) return diag(array(values));
  const q = turn(values.length, seed);
  const a = q.mul(array(values)).matmul(q.T);
  return a.add(a.T).div(2);
}

const largest = (x: NDArray): number => x.abs().max().item() as number;

function expectNear(actual: NDArray, expected: NDArray, tolerance: number, scale = largest(expected)): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(largest(actual.sub(expected)) / (scale || 1)).toBeLessThan(tolerance);
}

const ofMatrix =
  (f: F): F =>
  (x) => {
    const { values, vectors } = linalg.eigh(x);
    return vectors.mul(f(values).expandDims(-2)).matmul(flip(vectors));
  };
const pulled =
  (f: F, g: NDArray): F =>
  (x) =>
    vjp(f, x)[1](g)[0];
const pushed =
  (f: F, t: NDArray): F =>
  (x) =>
    jvp(f, [x], [t])[1];

const logdet: F = (x) => linalg.eigh(x).values.log().sum(-1);
const byCholesky: F = (x) => linalg.cholesky(x).diagonal(0, -2, -1).log().sum(-1).mul(2);
const second = (f: F, x: NDArray, t: NDArray): NDArray => hvp(f, [x], [t])[1][0];

describe("distinct eigenvalues have the plain derivative", () => {
  test.each<[DType, number, number]>([
    ["float64", 1e-9, 1e-6],
    ["float64", 1e-12, 1e-6],
    ["float32", 1e-4, 1e-6],
  ])("small ones beside 1, in %s", (dtype, small, tolerance) => {
    const x = diag(array([1, small, 2 * small])).astype(dtype);
    const [value, gradient] = valueAndGrad(logdet)(x);
    expect(value.item()).toBe(logdet(x).item());
    expect((value.item() as number) / Math.log(2 * small * small)).toBeCloseTo(1, 5);
    [1, 1 / small, 0.5 / small].forEach((slope, i) => expect((gradient.slice(i, i).item() as number) / slope).toBeCloseTo(1, 5));
    const curvature = second(logdet, x, eye(3, 3, dtype));
    [1, small, 2 * small].forEach((at, i) => expect((curvature.slice(i, i).item() as number) * -at * at).toBeCloseTo(1, 4));
    expectNear(gradient, diag(array([1, 1 / small, 0.5 / small])), tolerance);
  });

  const spectra = [3, 6, 9].flatMap((decades) => [2, 5, 10].flatMap((n) => [0, 1, 2].map((seed) => [n, decades, seed] as const)));
  test.each(spectra.filter((_, i) => isTurn(i, 3)))("log determinants: size %i, condition 1e%i, turn %i", (n, decades, seed) => {
    const a = withValues(
      Array.from({ length: n }, (_, i) => 10 ** ((-decades * i) / (n - 1))),
      seed,
    );
    const t = symmetric(n, seed + 5);
    const [value, gradient] = valueAndGrad(logdet)(a);
    expect(value.item()).toBe(logdet(a).item());
    expectNear(gradient, grad(byCholesky)(a), 1e-5);
    expectNear(second(logdet, a, t), second(byCholesky, a, t), 1e-2);
    expectNear(hessian(logdet)(a), hessian(byCholesky)(a), 1e-2);
  });

  test.each([1, 2])("log determinants in float32, condition 1e%i", (decades) => {
    const wide = withValues(
      Array.from({ length: 6 }, (_, i) => 10 ** ((-decades * i) / 5)),
      3,
    );
    const a = wide.astype("float32");
    const t = symmetric(6, 5).astype("float32");
    expectNear(grad(logdet)(a), grad(byCholesky)(wide), 1e-4);
    expectNear(second(logdet, a, t), second(byCholesky, wide, t.astype("float64")), 1e-3);
  });

  test("a Gaussian kernel, whose eigenvalues end in a jitter of 1e-8", () => {
    for (const n of [8, 20, 40]) {
      const points = arange(n).mul(4 / n);
      const kernel = points.expandDims(0).sub(points.expandDims(1)).square().neg().exp().add(eye(n).mul(1e-8));
      const [value, gradient] = valueAndGrad(logdet)(kernel);
      expect(value.item()).toBe(logdet(kernel).item());
      expect(Math.abs(value.sub(byCholesky(kernel)).item() as number)).toBeLessThan(1e-4);
      expectNear(gradient, grad(byCholesky)(kernel), 1e-5);
      const t = symmetric(n, 2);
      expectNear(second(logdet, kernel, t), second(byCholesky, kernel, t), 1e-2);
    }
  });

  test.each([1e-2, 1e-6, 1e-10])("vectors at a distance of %d", (distance) => {
    const values = [1, 1 + distance, 3];
    const [x, t] = [withValues(values), symmetric(3, 1)];
    const [out, along] = jvp((a: NDArray) => linalg.eigh(a).vectors, [x], [t]);
    expect(out.toArray()).toEqual(eye(3).toArray());
    const [[, b, c], [, , f]] = t.toArray() as number[][];
    const [u, v, w] = values;
    const expected = array([
      [0, b / (v - u), c / (w - u)],
      [b / (u - v), 0, f / (w - v)],
      [c / (u - w), f / (v - w), 0],
    ]);
    expectNear(along, expected, 1e-14);
    const g = wave([3, 3], 4);
    expect(
      vjp((a: NDArray) => linalg.eigh(a).vectors, x)[1](g)[0]
        .mul(t)
        .sum()
        .item(),
    ).toBeCloseTo(g.mul(expected).sum().item() as number, 6);
  });
});

const repeated: readonly (readonly number[])[] = [
  [1, 1],
  [1, 1, 2],
  [-3, -3, -3],
  [0, 0, 1],
  [0, 0, 0],
  [-2, -1, 0, 0],
  [0, 0, 2, 2],
  [-1, -1, 0, 0, 2],
  [5, 5, 5.0001, 7],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  [0.5, 0.5, 1, 1, 1, 2, 2, 2, 2, 9],
  [-4, 1e6, 1e6],
];
const small: readonly (readonly number[])[] = [
  [1e-9, 1e-9, 1],
  [1e-6, 1e-6, 1, 1],
  [1e-3, 1e-3, 1e-3, 1e3],
  [1e-9, 1e-9, 3e-9, 3e-9, 1],
];
const seeds = [undefined, 0, 1];
const cases = (spectra: readonly (readonly number[])[]): [string, number | undefined, readonly number[]][] =>
  spectra
    .flatMap((values) => seeds.map((seed): [string, number | undefined, readonly number[]] => [`${values}`, seed, values]))
    .filter((_, i) => isTurn(i, 2));

/** Functions of a matrix by eigenvalues, and by another way. */
const functions: [name: string, by: F, other: F, isFine: (values: readonly number[]) => boolean][] = [
  ["the identity", ofMatrix((v) => v), (x) => x.add(x.T).div(2), () => true],
  ["a cube", ofMatrix((v) => v.pow(3)), (x) => x.matmul(x).matmul(x), () => true],
  ["exp", ofMatrix((v) => v.exp()), (x) => linalg.expm(x), (v) => v.every((x) => Math.abs(x) < 100)],
  ["the inverse", ofMatrix((v) => v.reciprocal()), (x) => linalg.inv(x), (v) => v.every((x) => x !== 0)],
];

describe("functions of a matrix with repeated eigenvalues", () => {
  test.each(cases(repeated))("%s, turned by %s", (_, seed, values) => {
    const n = values.length;
    const [a, g, t] = [withValues(values, seed), symmetric(n, 1), symmetric(n, 2)];
    for (const [, by, other] of functions.filter(([, , , isFine]) => isFine(values))) {
      const scale = largest(other(a));
      const [out, along] = jvp(by, [a], [t]);
      expect(out.toArray()).toEqual(by(a).toArray());
      const tangent = pushed(other, t)(a);
      expectNear(along, tangent, 1e-6);
      expectNear(pulled(by, g)(a), pulled(other, g)(a), 1e-6);
      const twice = pushed(pushed(other, t), g)(a);
      expectNear(pushed(pushed(by, t), g)(a), twice, 1e-4, Math.max(scale, largest(tangent), largest(twice)));
      expectNear(pushed(pulled(by, g), t)(a), twice, 1e-4, Math.max(scale, largest(tangent), largest(twice)));
    }
  });

  test.each(cases([...small, [2, 2, 3], [1e4, 1e4, 1e4, 1]]))("log determinants and inverses of %s, turned by %s", (_, seed, values) => {
    const n = values.length;
    const [a, t] = [withValues(values, seed), symmetric(n, 2)];
    const [value, gradient] = valueAndGrad(logdet)(a);
    expect(value.item()).toBe(logdet(a).item());
    // The right result is known to ε times the condition alone.
    const known = seed === undefined ? 0 : (1e-15 * Math.max(...values)) / Math.min(...values);
    expectNear(gradient, grad(byCholesky)(a), 1e-6 + known);
    expectNear(second(logdet, a, t), second(byCholesky, a, t), 1e-4 + 10 * known);
    const [, by, other] = functions[3];
    expectNear(pulled(by, t)(a), pulled(other, t)(a), 1e-6 + 2 * known);
    expectNear(
      second((x) => by(x).mul(t).sum(), a, t),
      second((x) => other(x).mul(t).sum(), a, t),
      1e-4 + 10 * known,
    );
  });

  /** Counts the values at the upper end of ascending ones, where there is a distance before them. */
  const topOf = (values: readonly number[]): number => values.length - 1 - values.findLastIndex((x, i) => values[i + 1] - x > 0.3);
  const split = [...repeated, ...small].filter((values) => topOf(values) < values.length);

  test.each(cases(split))("the projector on the largest of %s, turned by %s", (_, seed, values) => {
    const n = values.length;
    const top = topOf(values);
    const projector: F = (x) => {
      const v = linalg.eigh(x).vectors.slice(":", [n - top, null]);
      return v.matmul(v.T);
    };
    const a = withValues(values, seed);
    const t = symmetric(n, 3);
    // P(a + t) = P + Σ (p·t·q + q·t·p)/(λ − μ), over p in the cluster and q outside of it.
    const { values: found, vectors } = linalg.eigh(a);
    const inner = vectors.T.matmul(t).matmul(vectors);
    const weights = array(
      Array.from({ length: n }, (_row, i) =>
        Array.from({ length: n }, (_column, j) => {
          const [x, y] = [found.slice(i).item() as number, found.slice(j).item() as number];
          return i < n - top === j < n - top ? 0 : 1 / Math.abs(x - y);
        }),
      ),
    );
    const expected = vectors.matmul(inner.mul(weights)).matmul(vectors.T);
    expectNear(pushed(projector, t)(a), expected, 1e-6);
    expectNear(pulled(projector, t)(a), expected, 1e-6);
  });

  test.each(cases([...repeated, ...small]))("the values of %s, turned by %s, are those of the plain call", (_, seed, values) => {
    const n = values.length;
    const t = symmetric(n, 3);
    for (const dtype of ["float64", "float32"] as const) {
      const [a, along] = [withValues(values, seed).astype(dtype), t.astype(dtype)];
      const f = (x: NDArray): NDArray => concatenate([linalg.eigh(x).values.expandDims(0), linalg.eigh(x).vectors]);
      const plain = f(a).toArray();
      const one: F = (x) => f(x).square().sum();
      expect(jvp(f, [a], [along])[0].toArray()).toEqual(plain);
      expect(vjp(f, a)[0].toArray()).toEqual(plain);
      expect(pushforward(f, a)[0].toArray()).toEqual(plain);
      expect(vmap((x: NDArray) => jvp(f, [x], [along])[0])(stack([a, a])).toArray()).toEqual([plain, plain]);
      expect(jvp((x: NDArray) => jvp(f, [x], [along])[0], [a], [along])[0].toArray()).toEqual(plain);
      expect(valueAndGrad(one)(a)[0].item()).toBe(one(a).item());
      expect(valueAndGrad(checkpoint(one))(a)[0].item()).toBe(one(a).item());
      expect(hvp(one, [a], [along])[0].item()).toBe(one(a).item());
      // A gradient is a value too, for the derivative of it.
      expect(jvp(grad(one), [a], [along])[0].toArray()).toEqual(grad(one)(a).toArray());
    }
  });

  test.each(seeds)("beside a distinct neighbour, turned by %s, first derivatives are right", (seed) => {
    const a = withValues([1, 1, 1 + 1e-8, 2], seed);
    const g = symmetric(4, 1);
    for (const [, by, other] of functions) expectNear(pulled(by, g)(a), pulled(other, g)(a), 1e-6);
  });

  test("a function is run once more only where eigenvalues were moved", () => {
    let runs = 0;
    const counted: F = (x) => {
      runs++;
      return logdet(x);
    };
    const runsOf = (run: () => unknown): number => {
      runs = 0;
      run();
      return runs;
    };
    const [plain, twice] = [diag(array([1, 2, 3])), diag(array([1, 2, 2]))];
    expect(runsOf(() => grad(counted)(plain))).toBe(1);
    expect(runsOf(() => grad(counted)(twice))).toBe(2);
    expect(runsOf(() => hvp(counted, [plain], [plain]))).toBe(1);
    expect(runsOf(() => hvp(counted, [twice], [plain]))).toBe(4);
    const [value, gradient] = valueAndGrad((x: NDArray) => [counted(x), x.sum()] as const, { hasAux: true })(twice);
    expect(value.map((x) => x.item())).toEqual([2 * Math.LN2, 5]);
    expectNear(gradient, diag(array([1, 0.5, 0.5])), 1e-7);
  });

  test("each matrix of a batch has its own clusters", () => {
    const all = [
      [1, 1, 2],
      [1, 2, 3],
      [1e-9, 1e-9, 1],
    ].map((values) => withValues(values));
    const batch = stack(all);
    const t = symmetric(3, 2);
    const each = stack(all.map((x) => grad(logdet)(x)));
    expect(vmap(grad(logdet))(batch).toArray()).toEqual(each.toArray());
    expect(grad((x: NDArray) => logdet(x).sum())(batch).toArray()).toEqual(each.toArray());
    const curved = stack(all.map((x) => second(logdet, x, t)));
    expect(vmap((x: NDArray) => second(logdet, x, t))(batch).toArray()).toEqual(curved.toArray());
  });

  test("in float32", () => {
    const narrow = (x: NDArray): NDArray => x.astype("float32");
    for (const values of [
      [1, 1, 1],
      [1, 1, 2],
      [0, 0, 1],
      [1, 1, 2, 2, 2],
    ])
      for (const seed of seeds) {
        const [a, g] = [narrow(withValues(values, seed)), narrow(symmetric(values.length, 1))];
        for (const [, by, other] of functions.slice(0, 3)) expectNear(pulled(by, g)(a), pulled(other, g)(a), 3e-3);
      }
  });
});

describe("every identity holds at repeated values", () => {
  const sums: [string, readonly number[], readonly number[], F][] = [
    ["linalg.eigh of an identity", [1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3], (x) => linalg.eigh(x).values.exp().sum(-1)],
    [
      "linalg.eigh of a batch with one repetition",
      [0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0.5, 0, 0.5, 2, 0, 0, 0, 1],
      [2, 3, 3],
      (x) => linalg.eigh(x).values.exp().sum(-1),
    ],
    ["linalg.svd of a tall identity", [1, 0, 0, 1, 0, 0], [3, 2], (x) => linalg.svd(x).s.square().sum(-1)],
    ["linalg.svd of a batch", [1, 0, 0, 1, 1, 2, 2, 3], [2, 2, 2], (x) => linalg.svd(x).s.square().sum(-1)],
  ];
  describe.each(sums)("%s", (label, data, shape, f) => {
    const options = { layout: "dense", precision: float64, smooth: false, constant: false, wide: false } as const;
    const c = makeCase(label, (x) => [f(x)], [of(exactly(data), ...shape)], options);
    test.each(Object.keys(identities).filter((name) => c && identities[name].applies(c)))("%s", (name) => {
      expect(c).toBeDefined();
      if (c) checkIdentity(name, c);
    });
  });
});

describe("singular values", () => {
  const logs: F = (x) => linalg.svd(x).s.log().sum(-1);
  const nuclear: F = (x) => linalg.norm(x, [-2, -1], { ord: "nuc" });

  test("a small one of a matrix that is not square", () => {
    const tall = array([
      [1, 0],
      [0, 1e-9],
      [0, 0],
    ]);
    for (const [x, lay] of [
      [tall, (y: NDArray) => y],
      [tall.T, (y: NDArray) => y.T],
    ] as const) {
      const [value, gradient] = valueAndGrad(logs)(x);
      expect(value.item()).toBe(Math.log(1e-9));
      expectNear(
        lay(gradient),
        array([
          [1, 0],
          [0, 1e9],
          [0, 0],
        ]),
        1e-14,
      );
      // ∂² of log √(b² + c²) at (1e-9, 0): −1/b², and 1/b² across.
      const curvature = lay(
        second(
          logs,
          x,
          lay(
            array([
              [0, 0],
              [0, 1],
              [0, 1],
            ]).add(0),
          ).add(0),
        ),
      );
      expectNear(
        curvature,
        array([
          [0, 0],
          [0, -1e18],
          [0, 1e18],
        ]),
        1e-9,
      );
    }
  });

  /** The derivative of u·vt, along t, of a matrix of full rank. */
  function polar(x: NDArray, t: NDArray): NDArray {
    const { u, s, vt } = linalg.svd(x);
    const inner = u.T.matmul(t).matmul(vt.T);
    const within = inner.sub(inner.T).div(s.expandDims(0).add(s.expandDims(1)));
    const left = t.matmul(vt.T).sub(u.matmul(inner)).div(s);
    const right = u.T.matmul(t).sub(inner.matmul(vt)).div(s.expandDims(1));
    return u.matmul(within).matmul(vt).add(left.matmul(vt)).add(u.matmul(right));
  }

  const [p, q] = [turn(4, 0), turn(3, 1)];
  const rectangle = (...s: number[]): NDArray => p.slice(":", [0, 3]).mul(array(s)).matmul(q);
  const matrices: [string, NDArray][] = [
    ["distinct", rectangle(3, 2, 1)],
    ["distinct, square", q.mul(array([3, 2, 1])).matmul(q)],
    ["an identity", eye(3)],
    ["a turn", q],
    ["repeated", rectangle(2, 2, 1)],
    ["repeated, wide", rectangle(2, 2, 1).T],
    ["all the same", rectangle(5, 5, 5)],
    ["of condition 1e6", rectangle(1, 1e-3, 1e-6)],
    ["repeated and small", diag(array([1, 1e-6, 1e-6]))],
    ["small, square", diag(array([1, 1e-9]))],
  ];
  test.each(matrices)("the nuclear norm of a matrix, %s, has two derivatives", (_, x) => {
    const t = wave(x.shape, 2);
    const { u, vt } = linalg.svd(x);
    const [value, gradient] = valueAndGrad(nuclear)(x);
    expect(value.item()).toBe(nuclear(x).item());
    expectNear(gradient, u.matmul(vt), 1e-14);
    expectNear(second(nuclear, x, t), polar(x, t), 1e-6);
    expectNear(
      second((y) => linalg.svd(y).s.sum(), x, t),
      polar(x, t),
      1e-4,
    );
    expectNear(hessian(nuclear)(x).tensordot(t, 2), polar(x, t), 1e-6);
  });

  test.each(matrices)("the values of a matrix, %s, are those of the plain call", (_, x) => {
    const t = wave(x.shape, 2);
    for (const name of ["u", "s", "vt"] as const) {
      const f: F = (y) => linalg.svd(y)[name];
      const plain = f(x).toArray();
      expect(jvp(f, [x], [t])[0].toArray()).toEqual(plain);
      expect(vjp(f, x)[0].toArray()).toEqual(plain);
      expect(hvp((y: NDArray) => f(y).sin().sum(), [x], [t])[0].item()).toBe(f(x).sin().sum().item());
    }
  });

  test.each(matrices)("u·s³·vt of a matrix, %s", (_, x) => {
    const [g, t] = [wave(x.shape, 1), wave(x.shape, 2)];
    const cube: F = (y) => {
      const { u, s, vt } = linalg.svd(y);
      return u.mul(s.pow(3)).matmul(vt);
    };
    const plain: F = (y) => y.matmul(y.T).matmul(y);
    expectNear(pulled(cube, g)(x), pulled(plain, g)(x), 1e-6);
    expectNear(pushed(cube, t)(x), pushed(plain, t)(x), 1e-6);
    expectNear(pushed(pulled(cube, g), t)(x), pushed(pulled(plain, g), t)(x), 1e-4);
  });
});

test("the Jacobian of eigenvalues, small ones too", () => {
  const x = diag(array([1, 1e-9, 2e-9]));
  const rows = jacobian((y: NDArray) => linalg.eigh(y).values)(x);
  [1, 2, 0].forEach((at, i) => expect(rows.slice(i).toArray()).toEqual(diag(eye(3).slice(at)).toArray()));
});
