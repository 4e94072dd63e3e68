import { array, cond, DTypeError, grad, linspace, type NDArray, ones, ShapeError, TransformError, TreeError, vjp, zeros } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvp } from "@ad/forward";
import { graph, jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { type OdeOptions, odeSolve, statusOf } from "../../src/index.js";

/** x″ = −p·x from (1, 0): x = cos(√p·t). */
const oscillator = (p: NDArray, options?: OdeOptions<NDArray>) =>
  odeSolve((_, [x, v]) => array([v, x.mul(p).neg()]), array([1, 0]), linspace(0, 4, 5), options as OdeOptions<NDArray, undefined>);

const last = (options?: OdeOptions<NDArray>) => (p: NDArray) => oscillator(p, options).ys.slice(-1, 0);

/** Enough for five digits of a second derivative, whose equation has many steps within a step. */
const loose = { rtol: 1e-6, atol: 1e-6 };

const slope = (p: number): number => (-2 / Math.sqrt(p)) * Math.sin(4 * Math.sqrt(p));
const curvature = (p: number): number => (Math.sin(4 * Math.sqrt(p)) / Math.sqrt(p) - 4 * Math.cos(4 * Math.sqrt(p))) / p;

test("where y0 is one array, f may give a list of its elements", () => {
  const thrown = (v: NDArray | number, options?: OdeOptions<NDArray>) =>
    odeSolve(
      (_, [, v]) => [v, -9.81],
      array([0, 5], { dtype: "float32" }).mul(v),
      [0, 1],
      options as OdeOptions<NDArray, undefined>,
    ).ys.slice(-1, 0);
  for (const method of ["tsit5", "rosenbrock", "rk4"] as const) {
    const height = thrown(1, { method });
    expect(height.item()).toBeCloseTo(5 - 9.81 / 2, 4);
    expect(height.dtype).toBe("float32");
  }
  expect(jit(grad((v: NDArray) => thrown(v, { method: "rk4" })))(1).item()).toBeCloseTo(5, 4);
});

describe("the oscillator", () => {
  test.each(["tsit5", "dopri5", "rosenbrock"] as const)("%s: values at all times", (method) => {
    const { ys, converged, status } = oscillator(array(1), { method });
    expect([converged, status]).toEqual([true, "converged: the last time is reached"]);
    const wrong = ys
      .slice(":", 0)
      .sub(linspace(0, 4, 5).cos())
      .abs()
      .max();
    expect(wrong.item()).toBeLessThan(5e-6);
  });

  const ways = [
    { ...loose, method: "tsit5" },
    { ...loose, method: "dopri5" },
    { ...loose, method: "tsit5", checkpoint: "sqrt" },
    { ...loose, method: "tsit5", checkpoint: "log", maxSteps: 300 },
    { rtol: 1e-8, atol: 1e-8, method: "rosenbrock" },
    { ...loose, gradient: "adjoint" },
    { ...loose, gradient: "forward" },
    { method: "rk4", substeps: 40 },
  ] as const;
  test.each(ways.filter((_, i) => isTurn(i, 8)))("derivatives: %j", (options) => {
    const f = last(options);
    expect(grad(f)(array(1)).item()).toBeCloseTo(slope(1), 5);
    expect(jvp(f, [array(1)], [array(1)])[1].item()).toBeCloseTo(slope(1), 5);
    expect(jit(grad(f))(array(1)).item()).toBeCloseTo(slope(1), 5);
  });

  test.each((["steps", "adjoint", "forward"] as const).filter((_, i) => isTurn(i, 3)))(
    "derivatives in lanes and of second order: %s",
    (gradient) => {
      const f = last({ ...loose, gradient });
      expect(
        vmap(grad(f))(array([1, 4]))
          .sub(array([slope(1), slope(4)]))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-5);
      expect(grad(grad(f))(array(1)).item()).toBeCloseTo(curvature(1), 4);
    },
  );
});

type Rest = OdeOptions<NDArray, undefined>;
const three = ["steps", "adjoint", "forward"] as const;

describe("derivatives by all that a solution depends on", () => {
  // y = exp(a·(t − t₀))·y₀, in a matrix and beside it.
  const solution = (gradient: (typeof three)[number]) => (y0: { m: NDArray; x: NDArray }, ts: NDArray, a: NDArray) =>
    odeSolve((_, { m, x }, rate: NDArray) => ({ m: m.mul(rate), x: x.mul(a) }), y0, ts, { rtol: 1e-9, atol: 1e-9, gradient, args: a });
  const y0 = { m: array([[1, 2]]), x: array(3) };
  const ts = array([0.5, 1, 1.7]);
  const exact = (y0: { m: NDArray; x: NDArray }, ts: NDArray, a: NDArray): { m: NDArray; x: NDArray } => {
    const growth = ts.sub(ts.slice(0)).mul(a).exp();
    return { m: growth.reshape([3, 1, 1]).mul(y0.m), x: growth.mul(y0.x) };
  };
  const ct = { m: array([[[1, 2]], [[-1, 3]], [[2, 0.5]]]), x: array([1, -2, 3]) };
  const wanted = vjp(exact, y0, ts, array(0.7))[1](ct);

  test.each(three)("%s: the start, the times, what f closes over and args", (gradient) => {
    const own = vjp((y0: { m: NDArray; x: NDArray }, ts: NDArray, a: NDArray) => solution(gradient)(y0, ts, a).ys, y0, ts, array(0.7))[1](
      ct,
    );
    const flat = (parts: typeof wanted): NDArray[] => [parts[0].m.ravel(), parts[0].x, parts[1], parts[2]];
    flat(own).forEach((x, i) => {
      expect(x.sub(flat(wanted)[i]).abs().max().item()).toBeLessThan(1e-7);
    });
  });

  test.each(three)("%s: backwards in time", (gradient) => {
    const back = (y: NDArray): NDArray => odeSolve((_, y) => y, y, [1, 0.5, 0], { rtol: 1e-10, gradient }).ys.slice(-1);
    expect(grad(back)(array(2)).item()).toBeCloseTo(Math.exp(-1), 8);
  });

  test.each(three)("%s: a choice inside of f, of which each side closes over what it needs", (gradient) => {
    // y = exp(p) at 1, and exp(p − q²) at 2.
    const f = (p: NDArray, q: NDArray): NDArray =>
      odeSolve(
        (t, y) =>
          cond(
            t.less(1),
            () => y.mul(p),
            () => y.mul(q.square()).neg(),
          ),
        array([1]),
        [0, 1, 2],
        { rtol: 1e-8, atol: 1e-9, gradient },
      ).ys.slice(-1, 0);
    const [byP, byQ] = grad(f, { argnums: [0, 1] })(array(0.4), array(0.3)).map((x) => x.item());
    const value = Math.exp(0.4 - 0.09);
    expect(byP).toBeCloseTo(value, 5);
    expect(byQ).toBeCloseTo(-0.6 * value, 5);
  });

  test("a rejected step that is not finite leaves no NaN", () => {
    // The first step goes where the root is NaN.
    const f = (p: NDArray): NDArray =>
      odeSolve((_, y) => y.mul(-2).add(p).sub(y.sqrt().mul(0.01)), array(1), [0, 1], { firstStep: 1000, rtol: 1e-3 } as Rest).ys.slice(-1);
    expect(odeSolve((_, y) => y.sqrt().neg(), array(1), [0, 1.9], { firstStep: 1.9 }).rejected).toBeGreaterThan(0);
    const root = (p: NDArray): NDArray => odeSolve((_, y) => y.sqrt().mul(p).neg(), array(1), [0, 1.9], { firstStep: 1.9 }).ys.slice(-1);
    // √y = 1 − p·t/2.
    expect(grad(root)(array(1)).item()).toBeCloseTo(-1.9 * 0.05, 4);
    expect(Number.isFinite(grad(f)(array(1)).item() as number)).toBe(true);
  });

  const third = (): void => {
    const end = (k: NDArray): NDArray =>
      odeSolve((_, y: NDArray) => y.mul(k).neg(), array([2]), [0, 1], { gradient: "adjoint" }).ys.slice(-1, 0);
    const second = (k: NDArray): NDArray => jvp((q: NDArray) => grad(end)(q), [k], [array(1)])[1];
    expect(jit(grad(second))(array(1)).item()).toBeCloseTo(-2 * Math.exp(-1), 5);
  };
  const second = (): void => {
    const own = last({ ...loose, gradient: "adjoint" });
    expect(jit((p: NDArray) => jvp(grad(last(loose)), [p], [array(1)])[1])(array(1)).item()).toBeCloseTo(curvature(1), 4);
    expect(jit(grad(grad(own)))(array(1)).item()).toBeCloseTo(curvature(1), 4);
  };
  const orders = [
    ["third order, by the adjoint", third],
    ["second order, forward over reverse, and the adjoint of the adjoint", second],
  ] as const;
  test.each(orders.filter((_, i) => isTurn(i, 2)))("inside of jit: %s", (_, run) => run());
});

describe("what is reported", () => {
  test("each lane takes its own steps and stops by itself", () => {
    const steps = vmap((p: NDArray) => {
      const { iterations, converged, status } = oscillator(p, { maxSteps: 60 });
      return { iterations, converged, status };
    })(array([0.1, 1, 50])) as unknown as Record<"iterations" | "converged" | "status", NDArray>;
    expect(steps.converged.toArray()).toEqual([true, true, false]);
    expect((steps.status.toArray() as number[]).map(statusOf)[2]).toBe("stopped: maxSteps is reached");
    const alone = [0.1, 1].map((p) => oscillator(array(p)).iterations);
    expect((steps.iterations.toArray() as number[]).slice(0, 2)).toEqual(alone);
  });

  test("a solution that ends in infinity", () => {
    const { ys, converged, status } = odeSolve((_, y) => y.square(), array(1), [0, 0.5, 2]);
    expect([converged, status]).toEqual([false, "stopped: no step is short enough for the tolerance"]);
    expect(ys.toArray()).toEqual([1, expect.closeTo(2, 4), Number.NaN]);
  });

  test("NaN from the beginning", () => {
    const { ys, converged, evaluations } = odeSolve((_, y) => y.sub(10).sqrt(), array([1]), [0, 1]);
    expect([converged, evaluations]).toEqual([false, 8]);
    expect(ys.toArray()).toEqual([[1], [Number.NaN]]);
    expect(odeSolve((_, y) => y.sub(10).sqrt(), array([1]), [0, 1], { method: "rk4" }).status).toBe(
      "stopped: the function gives a value that is not finite",
    );
  });

  test("steps are shown, and there are as many evaluations as are counted", () => {
    let count = 0;
    const seen: number[] = [];
    const { evaluations, iterations, rejected } = odeSolve(
      (t, [x, v]) => {
        count++;
        return array([v, x.neg().sub(t)]);
      },
      array([1, 0]),
      [0, 5],
      { onStep: ({ t, isTaken }) => isTaken && seen.push(t) },
    );
    expect([evaluations, seen.length, seen[seen.length - 1]]).toEqual([count, iterations, 5]);
    expect(seen.length + rejected).toBeGreaterThan(10);
  });

  test("numbers, float32, one time alone, equal times", () => {
    expect(
      odeSolve((_, y) => y, 1, [0, 1])
        .ys.slice(1)
        .item(),
    ).toBeCloseTo(Math.E, 4);
    const single = odeSolve((_, y) => y.neg(), ones([2], "float32"), [0, 1]);
    expect([single.ys.dtype, single.converged]).toEqual(["float32", true]);
    expect(single.ys.slice(1, 0).item()).toBeCloseTo(Math.exp(-1), 4);
    expect(odeSolve((_, y) => y, array([1, 2]), [3]).ys.toArray()).toEqual([[1, 2]]);
    expect(odeSolve((_, y) => y, array([1, 2]), [3, 3]).ys.toArray()).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test("a y0 without elements", () => {
    const { ys, converged } = odeSolve((_, y) => y.neg(), zeros([0]), [0, 1, 2]);
    expect([ys.shape, converged]).toEqual([[3, 0], true]);
  });

  test("a jacobian that is given serves as the one that is found", () => {
    const f = (t: NDArray, [a, b]: NDArray): NDArray => array([b, a.mul(-100).sub(b.mul(101)).add(t)]);
    const jacobian = (): NDArray =>
      array([
        [0, 1],
        [-100, -101],
      ]);
    const solve = (options: Rest) => odeSolve(f, array([1, 0]), [0, 1], { method: "rosenbrock", ...options });
    expect(solve({ jacobian }).ys.sub(solve({}).ys).abs().max().item()).toBeLessThan(1e-12);
  });
});

describe("wrong input", () => {
  const f = (_: NDArray, y: NDArray): NDArray => y;
  const y0 = array([1, 2]);
  test.each([
    ["ts that turn around", () => odeSolve(f, y0, [0, 2, 1]), DTypeError, "ts is 1 at 2, after 2"],
    ["ts that are not finite", () => odeSolve(f, y0, [0, Number.NaN]), DTypeError, "ts is NaN at 1"],
    ["ts that are no list", () => odeSolve(f, y0, 3), ShapeError, "ts has shape []"],
    ["no time", () => odeSolve(f, y0, zeros([0])), ShapeError, "ts has shape [0]"],
    ["another shape", () => odeSolve(() => zeros([3]), y0, [0, 1]), ShapeError, "f's result has shape [3] at $, but [2] is wanted"],
    [
      "a list of another length",
      () => odeSolve(() => [1, 2, 3], y0, [0, 1]),
      ShapeError,
      "f's result has shape [3] at $, but [2] is wanted",
    ],
    ["another form", () => odeSolve(() => ({ x: 1 }) as never, y0, [0, 1]), TreeError, "f's result has the form { x: * }, but * is wanted"],
    ["no function", () => odeSolve(3 as never, y0, [0, 1]), TransformError, "odeSolve: 3 (number) is no function"],
    ["no start", () => odeSolve(() => [], [], [0, 1]), TreeError, "y0 has no arrays"],
    ["another method", () => odeSolve(f, y0, [0, 1], { method: "euler" as never }), TreeError, 'method is "euler"'],
    ["another gradient", () => odeSolve(f, y0, [0, 1], { gradient: "no" as never }), TreeError, 'gradient is "no"'],
    [
      "the adjoint of a stiff problem",
      () => odeSolve(f, y0, [0, 1], { method: "rosenbrock", gradient: "adjoint" }),
      TreeError,
      'rosenbrock\'s gradient is "adjoint"; give one of ["steps","forward"]',
    ],
    ["another checkpoint", () => odeSolve(f, y0, [0, 1], { checkpoint: false as never }), TreeError, "checkpoint is false"],
    ["an unknown option", () => odeSolve(f, y0, [0, 1], { rtoll: 1 } as never), TreeError, 'did you mean "rtol"?'],
    ["a tolerance below 0", () => odeSolve(f, y0, [0, 1], { rtol: -1 }), TreeError, "rtol is -1"],
    ["no steps", () => odeSolve(f, y0, [0, 1], { maxSteps: 0 }), TreeError, "maxSteps is 0"],
    ["a first step of 0", () => odeSolve(f, y0, [0, 1], { firstStep: 0 }), TreeError, "firstStep is 0"],
    ["half a step", () => odeSolve(f, y0, [0, 1], { method: "rk4", substeps: 0.5 }), TreeError, "substeps is 0.5"],
    [
      "a jacobian of another shape",
      () => odeSolve(f, y0, [0, 1], { method: "rosenbrock", jacobian: () => [1] }),
      ShapeError,
      "jacobian returned shape [1]",
    ],
    ["an event of several numbers", () => odeSolve(f, y0, [0, 1], { events: [(_, y) => y] }), ShapeError, "event 0 gives shape [2]"],
    ["an event that is none", () => odeSolve(f, y0, [0, 1], { events: [{ when: 3 as never }] }), TransformError, "is no function"],
    ["events that are no list", () => odeSolve(f, y0, [0, 1], { events: f as never }), TreeError, "events are a function"],
    ["a list as a method", () => odeSolve(f, y0, [0, 1], { method: [{}] as never }), TreeError, "method is a JS array"],
    [
      "a jacobian that is none",
      () => odeSolve(f, y0, [0, 1], { jacobian: 3 as never }),
      TransformError,
      "odeSolve: 3 (number) is no function",
    ],
    [
      "an observer that is none",
      () => odeSolve(f, y0, [0, 1], { onStep: 3 as never }),
      TransformError,
      "odeSolve: 3 (number) is no function",
    ],
    [
      "a tolerance of another shape",
      () => odeSolve(f, y0, [0, 1], { atol: [1, 1, 1] }),
      ShapeError,
      "atol has shape [3] at $, but [2] is wanted",
    ],
    [
      "an element of a tolerance below 0",
      () => odeSolve(f, y0, [0, 1], { atol: [1, -1] }),
      TreeError,
      "atol has an element that is negative",
    ],
    [
      "an end that is no boolean",
      () => odeSolve(f, y0, [0, 1], { events: [{ when: (t) => t, terminal: 1 as never }] }),
      TreeError,
      "terminal of event 0 is 1",
    ],
    ["events of rk4", () => odeSolve(f, y0, [0, 1], { method: "rk4", events: [(t) => t] }), TreeError, "rk4 has no events"],
  ] as const)("%s", (_, call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});

test("status says where f is not finite, and where it is but no step is short enough", () => {
  const end = (f: (t: NDArray, y: NDArray) => NDArray) => odeSolve(f, array([1]), [0, 2]).status;
  expect(end((t, y) => t.greater(0.5).where(Number.NaN, y))).toBe("stopped: the function gives a value that is not finite");
  expect(end((_, y) => y.mul(Number.NaN))).toBe("stopped: the function gives a value that is not finite");
  expect(end((_, y) => y.square())).toBe("stopped: no step is short enough for the tolerance");
});

test.each(["tsit5", "rosenbrock"] as const)("%s: a component that is 0 needs no absolute tolerance", (method) => {
  const { ys, status } = odeSolve((_, y) => y.neg(), array([0, 1]), [0, 1], { method, rtol: 1e-6, atol: 0 });
  expect(status).toBe("converged: the last time is reached");
  expect(ys.slice(-1).toArray()).toEqual([0, expect.closeTo(Math.exp(-1), 5)]);
});

test("a step in a program is no branch: both states are chosen from, so that the loop of steps is compiled", () => {
  const run = (p: NDArray): NDArray => oscillator(p).ys;
  for (const f of [run, (p: NDArray) => jvp(run, [p], [array(1)])[1]]) {
    const text = graph(f)(array(1)).toString();
    expect(text).toMatch(/= whileLoop/);
    expect(text).not.toMatch(/= cond/);
  }
});

test("states that are kept in levels: a program has few of them", () => {
  let calls = 0;
  const f = (p: NDArray): NDArray =>
    odeSolve(
      (_, y) => {
        calls++;
        return y.mul(p);
      },
      array(1),
      [0, 1],
      { checkpoint: "log", maxSteps: 512 } as Rest,
    ).ys.slice(-1);
  graph(grad(f))(array(1));
  // Two levels. Each one more makes them 2.4 times as many.
  expect(calls).toBeLessThan(120);
});
