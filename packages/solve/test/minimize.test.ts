import { array, grad, type NDArray, ones, stack } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvp } from "@ad/forward";
import { hessian, jacobian } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { type MinimizeOptions, minimize, statusOf } from "../src/index.js";
import { problems } from "./more-garbow-hillstrom.js";

const methods = ["bfgs", "lbfgs", "newton-cg", "trust", "nelder-mead"] as const;
type Method = (typeof methods)[number];
const smooth = methods.filter((method) => method !== "nelder-mead");

/** One unit in the sixth digit, the last that the paper gives; gtol allows as much as `flat` where the curvature is small. */
const isMinimum = (value: number, minimum: number, flat: number): boolean =>
  Math.abs(value - minimum) <= Math.max(flat, minimum === 0 ? 0 : 10 ** (Math.floor(Math.log10(minimum)) - 5));

// Each run takes a quarter of the problems, and one method for each.
describe.each(smooth)("%s finds the minima of Moré, Garbow and Hillstrom from their standard starts", (method) => {
  const due = problems.filter((_, i) => isTurn(i + smooth.indexOf(method), 4 * smooth.length));
  test.each(due.map((each) => [each.name, each] as const))("%s", (name, { residuals, start, minima }) => {
    const f = (x: NDArray): NDArray => residuals(x).square().sum();
    const run = jit((x: NDArray) => {
      const { value, status, iterations, evaluations } = minimize(f, x, { method, maxIterations: 5000 });
      return [value, status, iterations, evaluations] as const;
    });
    const [value, status, iterations, evaluations] = run(start).map((x) => x.item<number>());
    expect(statusOf(status)).toMatch(/^converged/);
    expect(evaluations).toBeGreaterThan(iterations);
    expect(minima.filter((minimum) => isMinimum(value, minimum, method === "trust" ? 1e-10 : 2e-8))).toHaveLength(1);
  });
});

test.each(["1 Rosenbrock", "5 Beale", "7 helical valley", "8 Bard", "9 Gaussian"])("nelder-mead: %s", (name) => {
  const [{ residuals, start, minima }] = problems.filter((each) => each.name === name);
  const f = (x: NDArray): NDArray => residuals(x).square().sum();
  const run = jit((x: NDArray) => {
    const { value, converged } = minimize(f, x, { method: "nelder-mead" });
    return [value, converged] as const;
  });
  const [value, converged] = run(start);
  expect(converged.item()).toBe(true);
  expect(minima.some((minimum) => isMinimum(value.item(), minimum, 1e-12))).toBe(true);
});

// A tree, and a minimum that is no closed formula of the parameters.
const objective =
  (a: NDArray) =>
  ({ u, v }: { u: NDArray; v: NDArray }): NDArray =>
    u
      .sub(a)
      .square()
      .sum()
      .add(u.pow(4).sum())
      .add(v.sub(u.sum()).square())
      .add(v.mul(a.slice(0)).sin().mul(0.3));
const x0 = { u: array([0, 0]), v: 0 };
const at = (a: NDArray, method: Method, more: Omit<MinimizeOptions, "onStep"> = {}) => minimize(objective(a), x0, { method, ...more });
const a0 = array([0.7, -1.2]);
const flat = ({ u, v }: { u: NDArray; v: NDArray }): NDArray => stack([...u, v]);

const expectNear = (x: NDArray, y: NDArray, digits: number): void => {
  expect(x.shape).toEqual(y.shape);
  expect(Math.max(...x.sub(y).abs().data(), 0)).toBeLessThan(10 ** -digits);
};

test.each(methods.filter((method) => method !== "trust"))("%s: a bound on which the gradient is infinite", (method) => {
  const one = minimize((x: NDArray) => x.sqrt().sub(x.mul(0.1)).sum(), array([2]), { method, bounds: [0, 3] });
  expect([one.converged, one.evaluations < 20]).toEqual([true, true]);
  expectNear(one.x, array([0]), 8);
  // Each end of the box holds one of the first unknowns, while the last ones are free.
  const f = ([a, b, c, d]: NDArray): NDArray => a.sub(1).sqrt().add(b.neg().add(4).sqrt()).add(c.sub(a).square()).add(d.sub(b).square());
  const four = minimize(f, array([2, 3, 2, 3.5]), { method, bounds: [1, 4] });
  expect(four.converged).toBe(true);
  expectNear(four.x, array([1, 4, 1, 4]), 6);
});

// Differences of the minimum approximate its derivatives, and those of a number made of it.
const h = 1e-4;
const steps = [array([h, 0]), array([0, h])];
const exact = (a: NDArray): NDArray => flat(at(a, "trust", { gtol: 1e-13 }).x);
const differences = (f: (a: NDArray) => NDArray): NDArray =>
  stack(
    steps.map((e) =>
      f(a0.add(e))
        .sub(f(a0.sub(e)))
        .div(2 * h),
    ),
    1,
  );
const J = differences(exact);
const curvature = differences(grad((a: NDArray) => exact(a).square().sum()));

describe.each(methods)("%s", (method) => {
  // The simplex knows its minimum to half of the digits.
  const digits = method === "nelder-mead" ? 5 : 7;
  const solution = (a: NDArray): NDArray => flat(at(a, method).x);

  test("the gradient vanishes, and the report is of plain values", () => {
    const { gradient, converged, status, iterations, evaluations } = at(a0, method);
    expectNear(flat(gradient), array([0, 0, 0]), digits);
    expect([converged, typeof iterations, typeof evaluations]).toEqual([true, "number", "number"]);
    expect(status).toMatch(/^converged/);
  });

  const orders = "derivatives of the minimum are those of differences, in both modes and of second order";
  test.each([orders].filter(() => isTurn(methods.indexOf(method), 3)))("%s", () => {
    for (const strategy of ["forward", "reverse"] as const) expectNear(jacobian(solution, { strategy })(a0), J, Math.min(digits, 6));
    const t = array([1, -2]);
    expectNear(jvp(solution, [a0], [t])[1], J.matmul(t), Math.min(digits, 6));
    expectNear(hessian((a: NDArray) => solution(a).square().sum())(a0), curvature, 4);
  });

  test("the value has the derivatives of the envelope theorem", () => {
    const value = (a: NDArray): NDArray => at(a, method).value;
    const { u, v } = at(a0, "trust").x;
    expectNear(grad(value)(a0), grad((a: NDArray) => objective(a)({ u, v }))(a0), digits);
  });

  const lanes = "each lane of a batch stops by itself, and compiled it is the same";
  test.each([lanes].filter(() => isTurn(methods.indexOf(method), methods.length)))("%s", () => {
    const batch = array([
      [0.7, -1.2],
      [3, 0.1],
      [-20, 8],
    ]);
    const all = (a: NDArray) => {
      const { x, iterations, evaluations, status } = at(a, method);
      return [flat(x), iterations, evaluations, status] as const;
    };
    const [x, iterations, evaluations] = vmap(all)(batch);
    const compiled = jit(vmap(all))(batch);
    [0, 1, 2].forEach((i) => {
      const own = at(batch.slice(i), method);
      expectNear(x.slice(i), flat(own.x), 6);
      expect([iterations.slice(i).item(), evaluations.slice(i).item()]).toEqual([own.iterations, own.evaluations]);
    });
    expectNear(compiled[0], x, 6);
    expect(new Set(iterations.toArray() as number[]).size).toBeGreaterThan(1);
    const slope = (a: NDArray): NDArray => grad((a: NDArray) => solution(a).sum())(a);
    const loop = stack([0, 1, 2].map((i) => slope(batch.slice(i))));
    expectNear(vmap(slope)(batch), loop, 5);
    expectNear(jit(vmap(slope))(batch), loop, 5);
  });

  test("within bounds, some of which hold, and their derivatives", () => {
    const f = (c: NDArray) => (x: NDArray) =>
      x
        .sub(c)
        .square()
        .mul(array([1, 2, 3]))
        .sum()
        .add(x.sum().square().mul(0.5))
        .add(x.pow(4).sum().mul(0.1));
    const within = (c: NDArray, upper: NDArray | number) => minimize(f(c), array([0.1, 0.2, 0.3]), { method, bounds: [-0.5, upper] });
    const c = array([3, 0.2, -4]);
    const { x, converged } = within(c, 1);
    expect(converged).toBe(true);
    const middle = x.slice(1);
    expectNear(x, stack([array(1), middle, array(-0.5)]), 6);
    // The second unknown alone is free.
    const g = grad((y: NDArray) => f(c)(stack([array(1), y, array(-0.5)])))(middle);
    expect(Math.abs(g.item())).toBeLessThan(10 ** -(digits - 1));
    const J = jacobian((c: NDArray) => within(c, 1).x)(c);
    expectNear(J.slice(0), array([0, 0, 0]), 9);
    expectNear(J.slice(2), array([0, 0, 0]), 9);
    expectNear(J.slice(1), array([0, 4 / (5 + 1.2 * middle.item<number>() ** 2), 0]), 5);
    // A bound that moves takes along what it holds.
    const byBound = jacobian((upper: NDArray) => within(c, upper).x)(array(1));
    expectNear(byBound, array([1, -1 / (5 + 1.2 * middle.item<number>() ** 2), 0]), 5);
  });

  test("float32 stays float32", () => {
    const x = array([0, 1], { dtype: "float32" });
    const found = minimize((x: NDArray) => x.sub(2).square().sum(), x, { method });
    expect([found.x.dtype, found.value.dtype, found.gradient.dtype, found.converged]).toEqual(["float32", "float32", "float32", true]);
    expectNear(found.x, array([2, 2]), 3);
  });

  test("it shows each step, in a program as well", () => {
    const steps: { iteration: number; value: number }[] = [];
    const run = (a: NDArray) =>
      minimize(objective(a), x0, { method, onStep: ({ iteration, value }) => steps.push({ iteration, value }) }).iterations;
    const iterations = run(a0);
    expect(steps.map(({ iteration }) => iteration)).toEqual(Array.from({ length: iterations }, (_, i) => i + 1));
    steps.forEach(({ value }, i) => {
      if (i > 0) expect(value).toBeLessThanOrEqual(steps[i - 1].value + 1e-12);
    });
    steps.length = 0;
    jit(run)(a0);
    expect(steps).toHaveLength(iterations);
  });

  test("in lanes it shows the unknowns of all of them, in the form of x0", () => {
    const shapes: unknown[] = [];
    const run = (a: NDArray) => {
      const show = ({ x: { u, v } }: { x: { u: NDArray; v: NDArray } }) => shapes.push([u.shape, v.shape]);
      return minimize(objective(a), x0, { method, maxIterations: 1, onStep: show }).x.u;
    };
    vmap(run)(stack([a0, a0.neg()]));
    expect(shapes).toContainEqual([[2, 2], [2]]);
  });

  test("it says why it stopped", () => {
    expect(at(a0, method, { maxIterations: 1 }).status).toBe("stopped: maxIterations is reached");
    const broken = minimize((x: NDArray) => x.log().sum(), array([-1, 2]), { method });
    expect([broken.converged, broken.status]).toEqual([false, "stopped: the function gives a value that is not finite"]);
    const done = minimize((x: NDArray) => x.square().sum(), array([0, 0]), { method });
    expect([done.converged, done.x.toArray()]).toEqual([true, [0, 0]]);
  });
});

const rosenbrock = (x: NDArray): NDArray => x.slice(1).sub(x.slice(0).square()).square().mul(100).add(x.slice(0).sub(1).square());

test("nelder-mead: a simplex at its bounds, or beyond them, has a volume all the same", () => {
  for (const x0 of [
    [0.8, 0.8],
    [5, 5],
  ]) {
    const { x, converged } = minimize(rosenbrock, array(x0), { method: "nelder-mead", bounds: [-1, 0.8] });
    expect(converged).toBe(true);
    expectNear(x, array([0.8, 0.64]), 6);
  }
});

describe.each(smooth)("%s", (method) => {
  test.each([
    [[0, 0], 0.5, -Infinity, Infinity],
    [[-1.2, 1], -1, -2, 2],
    [[-1.2, 1], 0.5, -2, 2],
    [[-1.2, 1], 0.51, -2, 2],
    [[-1.2, 1], 0.9, -2, 2],
  ])("a bound that cuts Newton's step does not end the search: from %j with x0 up to %d", (x0, c, lower, upper) => {
    const { x, converged } = minimize(rosenbrock, array(x0), { method, bounds: [lower, array([c, upper])] });
    expect(converged).toBe(true);
    expectNear(x, array([c, c * c]), 7);
  });
});

describe("trust", () => {
  test.each((["float64", "float32"] as const).filter((_, i) => isTurn(i, 2)))("steps whose squares underflow end it: %s", (dtype) => {
    const { x, converged, status } = minimize((x: NDArray) => x.abs().sum(), array([1, -0.3], { dtype }), { method: "trust" });
    expect([converged, status]).toEqual([false, "stopped: no step makes progress any more"]);
    expectNear(x, array([0, 0]), 15);
  });
});

test("ftol and xtol end the search", () => {
  const f = (x: NDArray): NDArray => x.square().sum().add(x.pow(4).sum()).add(1);
  expect(minimize(f, ones([3]), { ftol: 0.5, gtol: 0 }).status).toBe("converged: the cost changes by less than ftol");
  expect(minimize(f, ones([3]).mul(3), { xtol: 1, gtol: 0 }).status).toBe("converged: x changes by less than xtol");
});

test("where nothing falls but by rounding, it has converged", () => {
  const { converged, status } = minimize((x: NDArray) => x.sub(1).square().mul(1e8).add(x.cosh().mul(1e8)).sum(), array([3, -2]), {
    gtol: 0,
  });
  expect([converged, status]).toEqual([true, "converged: the value changes by rounding alone"]);
});

test("values that are not finite on the way are stepped back from", () => {
  const f = (x: NDArray): NDArray => x.sub(x.log().mul(3)).sum();
  for (const method of methods) expectNear(minimize(f, array([0.1, 30]), { method }).x, array([3, 3]), 6);
});

test.each([
  [() => minimize(3 as never, 0), "minimize: "],
  [
    () => minimize((x: NDArray) => x, array([1, 2])),
    "minimize: the function returned an array of shape [2], but a scalar is wanted; sum it.",
  ],
  [
    () => minimize((x: NDArray) => [x, 1] as never, 1),
    "minimize: the function returned [*, *], but one scalar is wanted; return that alone.",
  ],
  [() => minimize((x: NDArray) => x.sum(), "a" as never), "minimize: x0 has"],
  [() => minimize((x: NDArray) => x.sum(), array([1], { dtype: "int32" })), "minimize: x0 is int32"],
  [() => minimize((x: NDArray) => x.square(), 1, { method: "cg" as never }), 'minimize: method is "cg"; give one of ["bfgs",'],
  [() => minimize((x: NDArray) => x.square(), 1, { tol: 1 } as never), 'minimize: there is no option "tol"'],
  [() => minimize((x: NDArray) => x.square(), 1, { gtol: -1 }), "minimize: gtol is -1"],
  [() => minimize((x: NDArray) => x.square(), 1, { maxIterations: 0.5 }), "minimize: maxIterations is 0.5"],
  [() => minimize((x: NDArray) => x.square(), 1, { bounds: [1] as never }), "minimize: bounds are no pair"],
  [
    () => minimize(({ a }: { a: NDArray }) => a.square().sum(), { a: array([1]) }, { bounds: [0, { a: [1] }] }),
    "minimize: bounds[1] has the form { a: [*] }, but { a: * } is wanted",
  ],
  [() => minimize((x: NDArray) => x.square().sum(), array([1]), { bounds: [0, array([1, 2])] }), "minimize: bounds[1] has shape [2]"],
  [() => minimize((x: NDArray) => x.square(), 1, { bounds: [2, 1] }), "minimize: a lower bound is NaN or above its upper bound"],
  [() => minimize((x: NDArray) => x.square(), 1, { bounds: [NaN, 1] }), "minimize: a lower bound is NaN or above its upper bound"],
  [() => minimize((x: NDArray) => x.square(), 1, { onStep: 1 as never }), "minimize: "],
  [() => minimize((x: NDArray) => x.square().sum(), array([1, 2]), { bounds: [0, [1, null]] }), "minimize: bounds[1]: null "],
  [() => minimize((x: NDArray) => x.square().sum(), 1, { bounds: [null, 3] }), "give NaN, Infinity or -Infinity"],
  [() => minimize((x: NDArray) => x.square(), 1, { memory: 0 }), "minimize: memory is 0"],
  [() => minimize(() => 1, []), "minimize: x0 holds no arrays"],
] as const)("what is wrong is refused in words: %s", (run, message) => {
  expect(run).toThrow(message);
});

test("a memory for more steps than there may be is one for as many as there may be", () => {
  const f = (x: NDArray): NDArray => x.square().sum().add(x.pow(4).sum());
  const [many, all] = [2 ** 40, 50].map((memory) => minimize(f, array([1, 2]), { method: "lbfgs", memory, maxIterations: 50 }));
  expect(many.converged).toBe(true);
  expect(many.x.toArray()).toEqual(all.x.toArray());
});

test.each(smooth)("%s: gradients whose squares leave the range", (method) => {
  for (const scale of [1e155, 1e300]) {
    const bowl = (x: NDArray): NDArray =>
      x
        .sub(array([1, 2]))
        .square()
        .sum()
        .mul(scale);
    const { x, converged } = minimize(bowl, array([0, 0]), { method });
    expect([x.toArray(), converged]).toEqual([[1, 2], true]);
  }
});

test("nelder-mead: a simplex that is nowhere finite ends the search, and one that is at a corner goes there", () => {
  const beyond = (x: NDArray): NDArray => x.less(1).any().where(Infinity, x.sub(2).square().sum());
  const [nowhere, corner] = [0.5, 0.98].map((x0) => minimize(beyond, array([x0, 1.5]), { method: "nelder-mead" }));
  expect([nowhere.status, nowhere.evaluations]).toEqual(["stopped: the function gives a value that is not finite", 3]);
  expect(corner.converged).toBe(true);
  expectNear(corner.x, array([2, 2]), 6);
});

// A line, a hill, a saddle, and functions that are −Infinity soon, or somewhere: compiled too, in lanes beside one that has a minimum.
test.each(methods)("%s says that a function without a least value has none", (method) => {
  const endless = "stopped: the function falls without limit";
  const saddle = (x: NDArray): NDArray => x.slice(0).square().sub(x.slice(1).square());
  const hole = (x: NDArray): NDArray => x.less(0.5).where(-Infinity, x).sum();
  const all = [(x: NDArray) => x.sum(), (x: NDArray) => x.square().neg().sum(), saddle, (x: NDArray) => x.exp().neg().sum(), hole];
  for (const f of all.filter((_, i) => isTurn(i + methods.indexOf(method), 4))) {
    const { converged, status } = minimize(f, array([1, 1.5]), { method });
    expect([converged, status]).toEqual([false, endless]);
  }
  // Inside of vmap a status is an array.
  const bend = (a: NDArray): NDArray[] => {
    const { x, status } = minimize((x: NDArray) => x.square().mul(a).sub(x).sum(), array([1]), { method });
    return [x.slice(0), status as never];
  };
  const compiled = isTurn(methods.indexOf(method), methods.length) ? [jit(vmap(bend))] : [];
  for (const run of [vmap(bend), ...compiled]) {
    const [x, status] = run(array([0, 0.25, -1]));
    expect((status.toArray() as number[]).map((code) => statusOf(code).replace(/:.*/, ""))).toEqual(["stopped", "converged", "stopped"]);
    expect(statusOf(status.slice(0).item())).toBe(endless);
    expect(x.slice(1).item()).toBeCloseTo(2, 6);
  }
});

test.each(smooth)("%s: where a function is not finite beyond its edge, the search goes to the edge", (method) => {
  const { x, converged } = minimize((x: NDArray) => x.log().sum(), array([1, 1.5]), { method });
  expect(converged).toBe(false);
  expect(x.min().item<number>()).toBeLessThan(1e-7);
});

test.each(["bfgs", "lbfgs", "newton-cg", "trust", "nelder-mead"] as const)(
  "bounds in the wrong order inside of jit end the search: %s",
  (method) => {
    const found = jit((lower: NDArray) => {
      const { x, converged } = minimize((x: NDArray) => x.square().sum(), array([1, 2]), { bounds: [lower, 3], method });
      return [x, converged];
    });
    const [x, converged] = found(array([4, 1]));
    expect(x.slice(0).item()).toBeNaN();
    expect(converged.item()).toBe(false);
    expect(found(array([2, 1]))[1].item()).toBe(true);
  },
);

describe("an arm of six joints, whose angles have bounds, reaches for points", () => {
  const lengths = array([0.4, 0.35, 0.3, 0.2, 0.1]);
  const rest = array([0, 0.6, -0.6, 0, 0, 0]);
  const bounds = [array([-2.5, -0.2, -1.5, -1.5, -1.5, -1.5]), array([2.5, 1.8, 0.2, 1.5, 1.5, 1.5])] as const;
  const reach = (point: NDArray, method: Method) =>
    minimize(
      (q: NDArray) => {
        const [turn, angles] = [q.slice(0), q.slice([1, null]).cumsum()];
        const [far, high] = [lengths.mul(angles.cos()).sum(), lengths.mul(angles.sin()).sum()];
        const hand = stack([far.mul(turn.cos()), far.mul(turn.sin()), high]);
        return hand.sub(point).square().sum().add(angles.slice(-1).mul(0.3).square()).add(q.sub(rest).mul(0.01).square().sum());
      },
      array([0, 0.6, -0.6, 0.1, 0.1, 0.1]),
      { method, bounds },
    );
  // The way to these leads along several bounds. A direction that does not know which elements they hold took up to a thousand steps, or did not arrive.
  const points = array([
    [0.39, 0, 0.62],
    [-0.11, -0.7, 0.53],
    [0.5, -0.03, 0.62],
    [0.42, 0.61, 0.45],
    [-0.39, 0.57, 0.77],
    [-0.3, -0.58, 0.72],
    [-0.36, -0.61, 0.72],
    [-0.31, -0.49, 0.76],
  ]);
  test.each([
    ["bfgs", 75],
    ["lbfgs", 85],
  ] as const)("%s: in %d evaluations or fewer, on the average", (method, most) => {
    const all = jit(
      vmap((point: NDArray) => {
        const { converged, evaluations, x } = reach(point, method);
        return [converged, evaluations, x] as const;
      }),
    );
    const [converged, evaluations, x] = all(points) as unknown as NDArray[];
    expect(converged.all().item()).toBe(true);
    expect(evaluations.mean().item()).toBeLessThan(most);
    expect(x.greaterEqual(bounds[0]).logicalAnd(x.lessEqual(bounds[1])).all().item()).toBe(true);
    expect(x.equal(bounds[0]).logicalOr(x.equal(bounds[1])).any().item()).toBe(true);
  });
});
