import { array, grad, linspace, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { odeSolve, statusOf } from "../../src/index.js";

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
