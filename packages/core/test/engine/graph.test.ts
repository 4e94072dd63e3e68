import { describe, expect, test } from "vitest";
import { lastUses, topologicalOrder } from "../../src/engine/graph.js";
import type { Operation } from "../../src/engine/operation.js";
import { call, within } from "../../src/engine/trace.js";
import { array, linalg, type NDArray, zeros } from "../../src/index.js";
import { type Graph, GraphTrace, nameOf, showGraph } from "../../src/internals/trace.js";

/** The graph of a function of arrays like these. */
function staged(f: (...args: NDArray[]) => (NDArray | undefined)[], ...like: NDArray[]) {
  const trace = new GraphTrace("staged");
  const inputs = like.map((x) => trace.input(x));
  return trace.graph(within(trace, () => f(...inputs)));
}

describe("topologicalOrder", () => {
  const inputs: Record<string, string[]> = { a: [], b: ["a"], c: ["a", "b"], d: ["c", "b", "c"], e: ["a"] };
  const order = (...roots: string[]): string[] => topologicalOrder(roots, (node) => inputs[node]);

  test("puts each node after what it reads, once", () => {
    const found = order("d");
    expect(found.toSorted()).toEqual(["a", "b", "c", "d"]);
    for (const node of found) for (const input of inputs[node]) expect(found.indexOf(input)).toBeLessThan(found.indexOf(node));
  });
  test("leaves out what no root needs, and takes several roots", () => {
    expect(order("b")).toEqual(["a", "b"]);
    expect(order("e", "b", "e")).toEqual(["a", "e", "b"]);
    expect(order()).toEqual([]);
  });
  test("goes deeper than the stack of calls", () => {
    expect(topologicalOrder([200_000], (n) => (n > 0 ? [n - 1, n - 1] : []))).toHaveLength(200_001);
  });
});

test("lastUses names the last step that reads a value", () => {
  expect([...lastUses([["a", "b"], ["b"], ["a"]], (step) => step)]).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
});

describe("a graph", () => {
  const program = staged((x, y) => [x.mul(y).add(1).sum(0), undefined, y.exp()], zeros([2, 3]), zeros([2, 3]));

  test("is run on values, as often as wanted", () => {
    for (const x of [
      array([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      array([
        [0, 0, 1],
        [0, 1, 0],
      ]),
    ]) {
      const [sum, zero, exp] = program.run([x, x]);
      expect(sum?.toArray()).toEqual(x.mul(x).add(1).sum(0).toArray());
      expect(zero).toBeUndefined();
      expect(exp?.toArray()).toEqual(x.exp().toArray());
    }
  });
  test("is printed a line for each equation", () => {
    expect(showGraph(program)).toBe(
      [
        "(a: float64[2, 3], b: float64[2, 3]) =>",
        "  c: float64[2, 3] = mul a b",
        "  d: float64[2, 3] = add c 1",
        "  e: float64[3] = sum { axes: [0] } d",
        "  f: float64[2, 3] = exp b",
        "  return e, 0, f",
      ].join("\n"),
    );
  });
  test("holds operations with several results", () => {
    const parts = staged((x) => Object.values(linalg.slogdet(x)), zeros([2, 2]));
    expect(parts.equations.map(({ outs }) => outs.length)).toContain(2);
    expect(
      parts
        .run([
          array([
            [0, 2],
            [1, 0],
          ]),
        ])
        .map((x) => x?.item()),
    ).toEqual([-1, Math.log(2)]);
  });
  test("without dead code has what its outputs need alone", () => {
    const wasteful = staged(
      (x) => {
        x.exp().sum();
        return [x.sin().mul(x)];
      },
      zeros([2]),
    );
    expect(wasteful.equations.map(({ operation }) => operation)).toEqual(["exp", "sum", "sin", "mul"]);
    const clean = wasteful.withoutDeadCode();
    expect(clean.equations.map(({ operation }) => operation)).toEqual(["sin", "mul"]);
    expect(clean.run([array([1, 2])])[0]?.toArray()).toEqual(wasteful.run([array([1, 2])])[0]?.toArray());
  });
  const loud: Operation = { name: "loud", effect: true, forward: () => [], shape: () => [] };
  const holder = (program: Graph): Operation => ({ name: "holder", forward: () => [], shape: () => [], programs: [program] });

  test("keeps what has an effect, in a program that an operation holds too", () => {
    const inner = staged(
      (x) => {
        call(loud, [x.exp()]);
        return [x];
      },
      zeros([2]),
    );
    const quiet = staged((x) => [x.exp()], zeros([2]));
    const outer = staged(
      (x) => {
        x.take(array(1, { dtype: "int32" }).mul(x.astype("int32").sum()));
        call(holder(inner), [x.sin()]);
        call(holder(quiet), [x.cos()]);
        return [x.tan()];
      },
      zeros([2]),
    );
    const names = (graph: Graph): string[] => graph.equations.map(nameOf);
    expect(names(outer.withoutDeadCode())).toEqual(["cast", "sum", "mul", "wrapIndex", "sin", "holder", "tan"]);
    expect(names(outer.withoutDeadCode(() => false))).toEqual(["tan"]);
    expect(showGraph(outer.withoutDeadCode((equation) => nameOf(equation) === "holder"))).toBe(
      [
        "(a: float64[2]) =>",
        "  b: float64[2] = sin a",
        "  holder b",
        "    (c: float64[2]) =>",
        "      d: float64[2] = exp c",
        "      loud d",
        "      return c",
        "  e: float64[2] = cos a",
        "  holder e",
        "    (f: float64[2]) =>",
        "      g: float64[2] = exp f",
        "      return g",
        "  h: float64[2] = tan a",
        "  return h",
      ].join("\n"),
    );
  });
  test("returns inputs and constants as they are", () => {
    const constant = array(3);
    const [x, c] = staged((x) => [x, constant], zeros([1])).run([array([7])]);
    expect([x?.item(), c]).toEqual([7, constant]);
  });
});
