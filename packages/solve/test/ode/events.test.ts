import { array, grad, linspace, type NDArray } from "@ad/core";
import { derivative, jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { type OdeOptions, odeSolve, statusOf } from "../../src/index.js";

/** A ball thrown up with speed v under gravity g: it is back at 2v/g. */
const thrown = (v: NDArray, g: NDArray) =>
  odeSolve(
    (_: NDArray, { h, v }: { h: NDArray; v: NDArray }) => ({ h: v, v: g.neg().mul(h.mul(0).add(1)) }),
    { h: array(0), v },
    linspace(0, 10, 6),
    {
      rtol: 1e-10,
      events: [{ when: (_, { h }) => h, terminal: true, direction: -1 }, (_, { v }) => v],
    },
  );

describe("events", () => {
  test("a terminal one ends the solution, another one is recorded", () => {
    const { ts, ys, events, status, converged } = thrown(array(10), array(8));
    expect([converged, status]).toEqual([true, "converged: an event ended it"]);
    expect(
      ts
        .sub(array([0, 2, 2.5, 2.5, 2.5, 2.5]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-9);
    expect(
      ys.v
        .sub(array([10, -6, -10, -10, -10, -10]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-9);
    expect(events.map(({ count }) => count)).toEqual([1, 1]);
    expect(events[1].ts.item()).toBeCloseTo(1.25, 9);
    expect(events[1].ys.h.item()).toBeCloseTo(6.25, 8);
  });

  test.each([true, false])("a function that is 0 at the start has no event there: terminal %s", (terminal) => {
    const { events } = odeSolve((_: NDArray, { v }) => ({ h: v, v: -8 }), { h: 0, v: 10 }, [0, 10], {
      events: [{ when: (_, { h }) => h, terminal }],
    });
    expect(events[0].count).toBe(1);
    expect(events[0].ts.item()).toBeCloseTo(2.5, 9);
  });

  const end = (v: NDArray, g: NDArray): NDArray => thrown(v, g).events[0].ts.slice(0);
  test("their times have derivatives", () => {
    const [v, g] = [array(10), array(8)];
    expect(grad(end, { argnums: [0, 1] })(v, g).map((x) => x.item())).toEqual([expect.closeTo(0.25, 8), expect.closeTo(-20 / 64, 8)]);
    expect(jvp(end, [v, g], [array(0), array(1)])[1].item()).toBeCloseTo(-20 / 64, 8);
    expect(grad(grad((g: NDArray) => end(v, g)))(g).item()).toBeCloseTo(40 / 512, 7);
    // The height of the highest point is v²/2g.
    expect(grad((v: NDArray) => thrown(v, g).events[1].ys.h.slice(0))(v).item()).toBeCloseTo(1.25, 7);
  });

  test("in lanes and inside of jit", () => {
    const [v, g] = [array([10, 20, 4]), array(8)];
    const f = vmap(grad((v: NDArray) => end(v, g)));
    expect(f(v).sub(0.25).abs().max().item()).toBeLessThan(1e-8);
    expect(vmap((v: NDArray) => thrown(v, g).events[0].count)(v).toArray()).toEqual([1, 1, 1]);
    expect(jit(grad(end))(array(10), g).item()).toBeCloseTo(0.25, 8);
  });

  test("are all counted; limit of them are recorded", () => {
    const zeros = (limit?: number) =>
      odeSolve((_, [x, v]) => array([v, x.neg()]), array([0, 1]), [0, 10], {
        rtol: 1e-3,
        events: [{ when: (_, [x]) => x, ...(limit ? { limit } : {}) }],
      }).events[0];
    const [some, all] = [zeros(2), zeros(3)];
    expect([some, all].map(({ count, ts, ys }) => [count, ts.size, ys.shape[0]])).toEqual([
      [3, 2, 2],
      [3, 3, 3],
    ]);
    expect(all.ts.slice(-1).item()).toBeCloseTo(3 * Math.PI, 1);
    const staged = jit(() => {
      const { count, ts } = zeros();
      return [count as unknown as NDArray, ts] as const;
    });
    const [count, ts] = staged();
    expect([count.item(), ts.shape, ts.isFinite().sum().item()]).toEqual([3, [16], 3]);
  });

  test("one that is NaN may have happened unseen, and the status says so", () => {
    // Both change their signs; the first one is no number from t = 2 on, the second one until t = 1.
    const run = (stop: NDArray | number) =>
      odeSolve((_, y) => y.mul(0).add(1), array([0]), [0, 4], {
        events: [(t) => t.neg().add(2).sqrt().sub(1), (t) => t.sub(1).log().sub(0.5), { when: (t) => t.sub(stop), terminal: true }],
      });
    const { status, converged, events, ys } = run(5);
    expect([status, converged]).toEqual(["stopped: an event's function gives NaN", false]);
    expect(ys.slice(-1, 0).item()).toBeCloseTo(4, 9);
    expect(events[2].count).toBe(0);
    const staged = jit((stop: NDArray) => run(stop).status as unknown as NDArray);
    expect(statusOf(staged(array(5)).item())).toBe(status);
    // After its end nothing counts.
    const ends = odeSolve((_, y) => y.mul(0).add(1), array([0]), [0, 4], {
      events: [{ when: (t) => t.sub(1), terminal: true }, (t) => t.neg().add(1.5).sqrt()],
      firstStep: 0.1,
    });
    expect(ends.status).toBe("converged: an event ended it");
  });

  test.each([
    ["a step", (t: NDArray) => t.greater(0.7).where(1, -1)],
    ["a step beside a slope", (t: NDArray) => t.greater(0.7).where(1, -1).add(t.mul(1e-3))],
  ] as const)("a function that jumps over 0: the time is known, and its derivatives are not: %s", (name, jump) => {
    const run = (y0: NDArray, shift: NDArray) =>
      odeSolve((_, y) => y.mul(0).add(1), y0, [0, 2], {
        events: [{ when: (t) => jump(t.add(shift)), terminal: true }, (_, y) => y.sub(1.5)],
      });
    const { ts, ys, events, status } = run(array(1), array(0));
    expect(status).toBe("converged: an event ended it");
    expect([ts.slice(-1).item(), events[0].ts.item(), ys.slice(-1).item()]).toEqual([0.7, 0.7, 1.7].map((x) => expect.closeTo(x, 12)));
    // A choice alone has no derivative at all.
    const slope = name === "a step" ? 0 : Number.NaN;
    expect(grad((shift: NDArray) => run(array(1), shift).events[0].ts.slice(0))(array(0)).item()).toBe(slope);
    expect(jvp((shift: NDArray) => run(array(1), shift).ts.slice(-1), [array(0)], [array(1)])[1].item()).toBe(slope);
    // The other event has its own derivative.
    expect(grad((y0: NDArray) => run(y0, array(0)).events[1].ts.slice(0))(array(1)).item()).toBeCloseTo(-1, 9);
  });
});

test("an event that is true or false has no zero to be looked for", () => {
  const rising = () => odeSolve((_, y) => y.mul(0).add(1), 0, [0, 1], { events: [(_, y) => y.greater(0.3)] });
  expect(rising).toThrow("odeSolve: event 0 gives bool; give a number that is 0 where it happens.");
});

describe("derivatives of any order and mode", () => {
  type F = (k: NDArray) => NDArray;
  const [d, g]: ((f: F) => F)[] = [derivative, grad];
  const orders: Record<string, readonly [order: number, of: (f: F) => F]> = {
    grad: [1, g],
    jvp: [1, d],
    "grad of jvp": [2, (f) => g(d(f))],
    "jvp of grad": [2, (f) => d(g(f))],
    "grad of grad": [2, (f) => g(g(f))],
    "jvp of jvp": [2, (f) => d(d(f))],
    "grad of jvp in a program": [2, (f) => jit(g(d(f)))],
    "grad of jvp of a program": [2, (f) => g(d(jit(f)))],
    "grad of jvp in lanes": [2, (f) => (k) => (vmap(g(d(f)))(k.expandDims(0)) as NDArray).slice(0)],
    "jvp of jvp of jvp": [3, (f) => d(d(d(f)))],
    "grad of grad of grad": [3, (f) => g(g(g(f)))],
    "grad of jvp of jvp": [3, (f) => g(d(d(f)))],
    "jvp of grad of grad": [3, (f) => d(g(g(f)))],
    "grad of grad of jvp in a program": [3, (f) => jit(g(g(d(f))))],
    "the fourth": [4, (f) => d(g(d(g(f))))],
  };
  interface Options extends Pick<OdeOptions, "method" | "gradient"> {
    readonly terminal?: boolean;
  }
  /** y′ = −y from k on; the derivatives at k = 3. */
  const decay = (k: NDArray, when: (t: NDArray, y: NDArray) => NDArray, { terminal = false, ...options }: Options) =>
    odeSolve((_, y: NDArray) => y.neg(), k, [0, 5], { rtol: 1e-9, atol: 1e-11, ...options, events: [{ when, terminal }] });
  /** It is 1 at log k. */
  const time =
    (options: Options): F =>
    (k) =>
      decay(k, (_, y) => y.sub(1), options).events[0].ts.slice(0);
  const logs = [Math.log(3), 1 / 3, -1 / 9, 2 / 27, -6 / 81];
  /** At 0.1·k it is k·exp(−0.1·k). */
  const state =
    (options: Options): F =>
    (k) =>
      decay(k, (t) => t.sub(k.mul(0.1)), options).events[0].ys.slice(0);
  const states = [3, 0.7, -0.17, 0.027, -0.0037].map((x) => x * Math.exp(-0.3));

  test.each(Object.entries(orders))("times and states: %s", (_, [order, of]) => {
    expect(of(time({}))(array(3)).item()).toBeCloseTo(logs[order], 7);
    expect(of(state({}))(array(3)).item()).toBeCloseTo(states[order], 7);
  });
  test.each<Options>([
    { terminal: true },
    { method: "dopri5" },
    { method: "rosenbrock" },
    { method: "rosenbrock", terminal: true },
    { gradient: "adjoint" },
    { gradient: "forward", terminal: true },
  ])("with %o", (options) => {
    for (const name of ["grad of jvp", "grad of jvp of jvp"]) {
      const [order, of] = orders[name];
      expect(of(time(options))(array(3)).item()).toBeCloseTo(logs[order], 6);
      expect(of(state(options))(array(3)).item()).toBeCloseTo(states[order], 6);
    }
  });

  test("of what f and the event close over, with a system that depends on time", () => {
    // y = 1 + a·t² reaches b at √((b − 1) / a).
    const reach = (a: NDArray, b: NDArray): NDArray =>
      odeSolve((t, _: NDArray) => t.mul(a).mul(2), array(1), [0, 4], { rtol: 1e-10, events: [(_, y) => y.sub(b)] }).events[0].ts.slice(0);
    const third = (f: F): F => g(d(g(f)));
    // s = √(3 / a): s‴ = −15/8 · √3 · a^−3.5; s = √(b − 1): s‴ = 3/8 · (b − 1)^−2.5.
    expect(third((a) => reach(a, array(4)))(array(1)).item()).toBeCloseTo((-15 / 8) * Math.sqrt(3), 6);
    expect(third((b) => reach(array(1), b))(array(4)).item()).toBeCloseTo((3 / 8) * 3 ** -2.5, 6);
    expect(g((a) => d((b) => reach(a, b))(array(4)))(array(1)).item()).toBeCloseTo(-0.25 / Math.sqrt(3), 7);
  });

  test("times that are not reached have no derivative, and ask nothing of the others", () => {
    // y = 1 / (1/k − t) is infinite at 1/k.
    const blown =
      (at: number): F =>
      (k) =>
        odeSolve((_, y: NDArray) => y.square(), k, [0, 0.5, 2]).ys.slice(at);
    for (const of of [(f: F) => g(d(f)), (f: F) => d(g(f)), (f: F) => g(g(f))]) {
      expect(of(blown(1))(array(1)).item()).toBeCloseTo(8, 3);
      expect(of(blown(2))(array(1)).item()).toBeNaN();
    }
  });

  test("of an event before the solution is lost", () => {
    // 1 / (1/k − t) is 2 at 1/k − 1/2, and infinite at 1/k.
    const before: F = (k) =>
      odeSolve((_, y: NDArray) => y.square(), k, [0, 2], {
        maxSteps: 60,
        rtol: 1e-5,
        events: [{ when: (_, y) => y.sub(2), direction: 1 }],
      }).events[0].ts.slice(0);
    for (const name of ["grad", "jvp"]) expect(orders[name][1](before)(array(1)).item()).toBeCloseTo(-1, 4);
  });
});
