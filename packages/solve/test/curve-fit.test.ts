import { readFileSync } from "node:fs";
import { array, grad, linalg, type NDArray, stack } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvp } from "@ad/forward";
import { hessian, jacfwd, jacobian, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { confidenceBand, curveFit, root, statusOf } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { studentQuantile } from "../src/least-squares/student.js";
import { models } from "./strd.js";

const read = (name: string) => JSON.parse(readFileSync(new URL(`expectations/${name}.json`, import.meta.url), "utf8"));

/** One of NIST's datasets. */
interface Dataset {
  readonly starts: readonly [number[], number[]];
  readonly certified: readonly number[];
  readonly standardErrors: readonly number[];
  readonly sumOfSquares: number;
  readonly x: number[];
  readonly y: number[];
}

/** Returns the number of digits to which two numbers agree. */
const digits = (x: number, y: number): number => -Math.log10(Math.abs(x - y) / Math.abs(y));

/** The valleys that take hundreds of steps: compiled. */
const long: readonly string[] = ["Bennett5", "MGH17"];

const fitOf = (name: string, { x, y, starts }: Dataset, start: 0 | 1) => {
  const model = models[name];
  const data = array(y);
  // Nelson's model is one of log y.
  const fit = (p0: NDArray) => curveFit((at: NDArray, b: NDArray) => model(at, b), array(x), name === "Nelson" ? data.log() : data, p0);
  const p0 = array(starts[start]);
  if (!long.includes(name)) return fit(p0);
  const { params, standardErrors, cost, converged, degreesOfFreedom } = jit(fit)(p0);
  return { params, standardErrors, cost, converged: array(converged).item(), degreesOfFreedom: array(degreesOfFreedom).item() };
};

describe("NIST's reference datasets", () => {
  const sets: [string, Dataset][] = Object.entries(read("strd"));
  test("are 27, and each has a model", () => {
    expect(sets.map(([name]) => name).sort()).toEqual(Object.keys(models).sort());
    expect(sets.length).toBe(27);
  });
  const all = sets.flatMap(([name, set]) => [1, 2].map((start) => [name, start, set] as const));
  test.each(all.filter((_, i) => isTurn(i, 9)))("%s from start %d", (name, start, set) => {
    const { params, standardErrors, cost, converged, degreesOfFreedom } = fitOf(name, set, (start - 1) as 0 | 1);
    expect(converged).toBe(true);
    (params.toArray() as number[]).forEach((b, i) => {
      expect(digits(b, set.certified[i])).toBeGreaterThan(6);
    });
    (standardErrors.toArray() as number[]).forEach((e, i) => {
      expect(digits(e, set.standardErrors[i])).toBeGreaterThan(name === "Lanczos1" ? 2.8 : 4);
    });
    // The residuals of Lanczos1 are 1e-13, of numbers about 1: float64 knows them to less than three digits, whatever finds them.
    expect(digits(2 * cost.item<number>(), set.sumOfSquares)).toBeGreaterThan(name === "Lanczos1" ? 2.5 : 6);
    expect(degreesOfFreedom).toBe(set.y.length - set.certified.length);
  });
});

// Exact arithmetic (tools/expectations/lanczos.py) gives the certified errors for NIST's decimals; for the same numbers as float64 has them they are others
// from the fourth digit on, since the residuals are 1e-13 of numbers about 1. So no program of float64 can find four.
test("the standard errors of Lanczos1 are not to be had to four digits from float64's data", () => {
  const certified = read("strd").Lanczos1.standardErrors as number[];
  const { decimals, doubles } = read("lanczos") as Record<"decimals" | "doubles", number[]>;
  certified.forEach((error, i) => {
    expect(digits(decimals[i], error)).toBeGreaterThan(10);
    expect(digits(doubles[i], error)).toBeLessThan(3.5);
  });
});

const near = (x: NDArray, y: unknown, relative = 1e-8): void => {
  const b = Array.isArray(y) || typeof y === "number" ? array(y as number[]) : (y as NDArray);
  expect(x.shape).toEqual(b.shape);
  const scale = b.abs().max().item<number>();
  expect(x.sub(b).abs().max().item<number>()).toBeLessThanOrEqual(relative * Math.max(scale, 1));
};

const scipy = read("least-squares");
const [x, y] = [array(scipy.x), array(scipy.y)];
const model = (x: NDArray, p: NDArray): NDArray => {
  const [a, k, c] = p;
  return k.mul(x).neg().exp().mul(a).add(c);
};
const p0 = array([2, 1, 0]);

test.each(Object.entries<{ sigma: number[] | null; absolute: boolean; params: number[]; covariance: number[][] }>(scipy.fits))(
  "SciPy's curve_fit: %s",
  (_, { sigma, absolute, params, covariance }) => {
    const own = curveFit(model, x, y, p0, { ...(sigma && { sigma }), absoluteSigma: absolute });
    near(own.params, params, 1e-7);
    near(own.covariance, covariance, 1e-7);
    near(
      own.standardErrors,
      covariance.map((row, i) => Math.sqrt(row[i])),
      1e-7,
    );
    near(own.residuals, y.sub(model(x, own.params)));
  },
);

test("Student's quantiles", () => {
  for (const [p, n, t] of scipy.quantiles) expect(studentQuantile(p, n) / t).toBeCloseTo(1, 12);
  expect(studentQuantile(0.9, 0)).toBeNaN();
  // SciPy's; the sum and the series meet.
  expect(studentQuantile(0.975, 100_001) / 1.9599877072973786).toBeCloseTo(1, 12);
  expect(studentQuantile(0.9999, 100_001) / 3.7191543812623684).toBeCloseTo(1, 12);
  expect(studentQuantile(0.975, 2 ** 31) / 1.9599639856447288).toBeCloseTo(1, 12);
});

test("trees, JS numbers, and other forms of x", () => {
  const line = ({ at }: { at: NDArray }, { slope, height }: { slope: NDArray; height: NDArray }) => slope.mul(at).add(height);
  const { params, standardErrors, covariance } = curveFit(line, { at: array([0, 1, 2, 3, 4]) }, [1, 3, 5, 7, 10], { slope: 1, height: 0 });
  near(params.slope, 2.2);
  near(params.height, 0.8);
  // In the order of the sorted keys.
  near(standardErrors.height, covariance.slice(0, 0).sqrt());
  const weights = curveFit(
    (x, p: NDArray) => x.matmul(p),
    [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
    [1, 2, 3],
    array([0, 0]),
  );
  near(weights.params, [1, 2]);
  const few = curveFit((x, p: NDArray) => p.slice(0).mul(x).add(p.slice(1)), [1, 2], [1, 2], array([0, 0]));
  near(few.params, [1, 0]);
  expect(few.degreesOfFreedom).toBe(0);
  const none = curveFit((x, p: NDArray) => p.sum().mul(x), [1, 2, 3], [1, 2, 3.1], array([0, 0]));
  expect(none.converged).toBe(true);
  expect(none.standardErrors.greater(1e3).logicalOr(none.standardErrors.isNaN()).all().item()).toBe(true);
  expect(() => curveFit((x) => x.sum(), [1, 2], [1, 2], 1)).toThrow(
    /the model returned .*\[\].*; return one array, of the shape of y, \[2\]\./,
  );
  expect(() => curveFit((x, p: NDArray) => x.mul(p), [1, 2], [1, 2], 1, { sigma: [1, 2, 3] })).toThrow(
    "curveFit: sigma has shape [3]; give the standard deviations of y, of shape [2], or its covariance matrix.",
  );
  expect(() => curveFit((x, p: NDArray) => x.mul(p), [1, 2], [1, 2], 1, { sgima: 1 } as never)).toThrow('did you mean "sigma"');
  expect(() => jit((k: NDArray) => curveFit(() => k, [1, 2], [1, 2], 1).params)(1)).toThrow("(traced by jit); return one array");
});

test("the confidence band is that of a line in closed form", () => {
  const line = (x: NDArray, p: NDArray): NDArray => p.slice(0).mul(x).add(p.slice(1));
  const at = array([0, 1, 2, 3, 4]);
  const result = curveFit(line, at, [1, 3, 5, 7, 10], array([1, 0]));
  const { lower, upper, y } = confidenceBand(line, [-1, 2, 7], result, { level: 0.99 });
  const s = Math.sqrt((2 * result.cost.item<number>()) / 3);
  const half = [-1, 2, 7].map((x) => 5.840909309733355 * s * Math.sqrt(1 / 5 + (x - 2) ** 2 / 10));
  near(upper.sub(y), half);
  near(y.sub(lower), half);
  const known = confidenceBand(line, [2], curveFit(line, at, [1, 3, 5, 7, 10], array([1, 0]), { sigma: 0.5, absoluteSigma: true }));
  near(known.upper.sub(known.y), [(1.959963984540054 * 0.5) / Math.sqrt(5)]);
});

/** Returns all of a fit that has derivatives. */
const ofData = (data: NDArray): NDArray => {
  const { params, standardErrors, cost } = curveFit(model, x, data, p0);
  return stack([...params, ...standardErrors, cost]);
};

/** The same by a root of the cost's gradient, which is known to the last digits, and by the formula. */
const direct = (data: NDArray): NDArray => {
  const residuals = (p: NDArray): NDArray => model(x, p).sub(data);
  const half = (p: NDArray): NDArray => residuals(p).square().sum().div(2);
  const p = root(grad(half), curveFit(model, x, data, p0).params, { method: "newton" }).x;
  const J = jacobian(residuals)(p);
  const covariance = linalg.inv(J.T.matmul(J)).mul(half(p).mul(2 / 6));
  return stack([...p, ...covariance.diagonal().sqrt(), half(p)]);
};

const differences = (f: (x: NDArray) => NDArray, at: NDArray, v: NDArray, h = 1e-3): NDArray => {
  const half = (k: number): NDArray =>
    f(at.add(v.mul(k)))
      .sub(f(at.sub(v.mul(k))))
      .div(2 * k);
  return half(h)
    .mul(4)
    .sub(half(2 * h))
    .div(3);
};

test.each(["derivatives by the data, of both modes and to the second order"].filter(() => isTurn(1, 3)))("%s", () => {
  const v = array(Array.from({ length: 9 }, (_, i) => Math.sin(3 * i + 1)));
  const J = jacrev(ofData)(y);
  near(J.matmul(v), differences(direct, y, v));
  near(jacfwd(ofData)(y), J);
  const compiled = [() => jacfwd(jit(ofData)), () => jacrev(jit(ofData)), () => jit(jacrev(ofData)), () => jit(jacfwd(ofData))].filter(
    (_, i) => isTurn(i, 4),
  );
  for (const run of compiled) near(run()(y), J);
  const second = (f: (x: NDArray) => NDArray) => jvp((z: NDArray) => jvp(f, [z], [v])[1], [y], [v])[1];
  near(
    second(ofData),
    differences((z) => jvp(direct, [z], [v])[1], y, v),
    1e-7,
  );
  near(second(jit(ofData)), second(ofData));
  const inReverse = jacobian((z: NDArray) => jacrev(ofData)(z).matmul(v))(y).matmul(v);
  near(inReverse, second(ofData));
});

test("parameters that the data do not determine have no covariance", () => {
  const twice = (x: NDArray, p: NDArray): NDArray => x.mul(p.slice(0).add(p.slice(1)));
  const line = (x: NDArray, p: NDArray): NDArray => p.slice(0).mul(x).add(p.slice(1));
  const spread = (x: number[]): number[] => x.map((_, i) => 2 * i + 1 + 0.1 * (i % 2));
  for (const at of [
    [0, 1, 2, 3],
    [0.1, 0.7, 1.3, 2.9, 3.1],
  ])
    expect(
      curveFit(twice, at, spread(at), array([1, 0.3]))
        .covariance.isNaN()
        .all()
        .item(),
    ).toBe(true);
  expect(
    curveFit(line, [0, 1], [1, 3], array([1, 1]))
      .covariance.isNaN()
      .all()
      .item(),
  ).toBe(true);
  expect(
    curveFit(line, [0, 1], [1, 3], array([1, 1]), { absoluteSigma: true })
      .standardErrors.isFinite()
      .all()
      .item(),
  ).toBe(true);
});

test.each([0, -1, Number.NaN, [1, 1, 0]])("sigma = %j is refused", (sigma) => {
  const fit = () => curveFit((x, p: NDArray) => x.mul(p), [1, 2, 3], [1, 2, 4], 1, { sigma });
  expect(fit).toThrow(
    "curveFit: sigma is not above 0 everywhere; give the standard deviations of y, of shape [3], or its covariance matrix.",
  );
});

test.each(["derivatives by what the model and sigma close over"].filter(() => isTurn(2, 3)))("%s", () => {
  const scaled = (s: NDArray, x: NDArray, p: NDArray): NDArray => model(x, p).mul(s);
  const f = (s: NDArray): NDArray =>
    curveFit((x, p: NDArray) => scaled(s, x, p), x, y, p0, { sigma: x.mul(s).add(1) })
      .params.square()
      .sum();
  const direct = (s: NDArray): NDArray => {
    const cost = (p: NDArray): NDArray => scaled(s, x, p).sub(y).div(x.mul(s).add(1)).square().sum();
    return root(grad(cost), curveFit(model, x, y, p0).params, { method: "newton" })
      .x.square()
      .sum();
  };
  const at = array(0.9);
  const slope = differences(direct, at, array(1));
  near(grad(f)(at), slope);
  near(grad(jit(f))(at), slope);
  near(jit(grad(f))(at), slope);
  near(hessian(f)(at), differences(grad(direct), at, array(1)), 1e-7);
});

test.each(["lanes, each of which stops by itself"].filter(() => isTurn(0, 3)))("%s", () => {
  const ys = stack([y, y.mul(2).add(x.sin()), y.neg().add(0.1)]);
  const alone = stack([0, 1, 2].map((i) => ofData(ys.slice(i))));
  near(vmap(ofData)(ys), alone);
  const others = [
    () => near(jit(vmap(ofData))(ys), alone),
    () => near(vmap(jit(ofData))(ys), alone),
    () => near(vmap(jacrev(ofData))(ys), stack([0, 1, 2].map((i) => jacrev(ofData)(ys.slice(i))))),
    () =>
      near(
        grad((z: NDArray) => vmap(ofData)(z).sum())(ys),
        stack([0, 1, 2].map((i) => grad((z: NDArray) => ofData(z).sum())(ys.slice(i)))),
      ),
  ].filter((_, i) => isTurn(i, 4));
  for (const run of others) run();
  const { iterations, converged } = vmap((z: NDArray) => {
    const { iterations, converged } = curveFit(model, x, z, p0);
    return { iterations, converged };
  })(ys);
  expect(converged.toArray()).toEqual([true, true, true]);
  expect(iterations.toArray()).toEqual([0, 1, 2].map((i) => curveFit(model, x, ys.slice(i), p0).iterations));
  const whole = jit((z: NDArray) => curveFit(model, x, z, p0))(y);
  near(whole.params, curveFit(model, x, y, p0).params);
});

test("a band takes the arrays that jit makes of a fit's number and boolean, and refuses what is no fit", () => {
  const line = (x: NDArray, p: NDArray): NDArray => p.slice(0).mul(x).add(p.slice(1));
  const run = (y: NDArray) => {
    const { params, covariance, degreesOfFreedom, absoluteSigma } = curveFit(line, [0, 1, 2, 3, 4], y, array([1, 0]));
    return { params, covariance, degreesOfFreedom, absoluteSigma };
  };
  const y = array([1, 3, 5, 7, 10]);
  const own = run(y);
  near(confidenceBand(line, [2], jit(run)(y) as unknown as typeof own).upper, [5.719691304843]);
  for (const [wrong, message] of [
    [undefined, "confidenceBand: result is undefined; give what curveFit returned."],
    [{ ...own, degreesOfFreedom: 1.5 }, "confidenceBand: result.degreesOfFreedom is 1.5 (number)"],
    [{ ...own, absoluteSigma: 1 }, "confidenceBand: result.absoluteSigma is 1 (number)"],
    [{ ...own, covariance: array([1]) }, "confidenceBand: result.covariance has shape [1] for 2 parameters"],
  ] as const)
    expect(() => confidenceBand(line, [2], wrong as never)).toThrow(message);
  const wrong = {
    sigma: [
      [1, 2],
      [2, 1],
    ],
  };
  expect(() => curveFit((x, p: NDArray) => x.mul(p), [1, 2], [1, 2], 1, wrong)).toThrow("curveFit: sigma is not positive definite; give");
});

/** Covariances of three numbers, of which the first two have this one. */
const covarianceOf = (c: number): number[][] => [
  [1, c, 0],
  [c, 1, 0],
  [0, 0, 1],
];

test.each<[what: string, sound: unknown, wrong: unknown[]]>([
  [
    "that is not above 0",
    [1, 2, 1],
    [
      [1, -2, 1],
      [1, 0, 1],
    ],
  ],
  ["that is no positive definite covariance", covarianceOf(0.5), [covarianceOf(1), covarianceOf(2), covarianceOf(Number.NaN)]],
])("inside of jit a sigma %s gives a fit that has failed", (_, sound, wrong) => {
  const fit = jit((sigma: NDArray) => {
    const { params, covariance, standardErrors, status } = curveFit((x, p: NDArray) => x.mul(p), [1, 2, 3], [1, 2, 3], 2, { sigma });
    return [params, covariance, standardErrors, status as unknown as NDArray] as const;
  });
  const [params, , , status] = fit(array(sound as number[]));
  near(params, 1);
  expect(statusOf(status.item())).toMatch(/^converged/);
  for (const sigma of wrong) {
    const [, covariance, errors, status] = fit(array(sigma as number[]));
    expect([covariance.item(), errors.item()]).toEqual([Number.NaN, Number.NaN]);
    expect(statusOf(status.item())).toBe("stopped: the function gives a value that is not finite");
  }
});
