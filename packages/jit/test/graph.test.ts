import { array, debugPrint, linalg, matmul, type NDArray, scan, TransformError, whileLoop, zeros } from "@ad/core";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { graph } from "../src/index.js";

const f = (x: NDArray): NDArray => x.mul(1).sin().sum();

test("a program is printed before and after its passes, and nothing is computed", () => {
  const program = graph(f)(zeros([3]));
  expect(program.toString()).toBe("(a: float64[3]) =>\n  b: float64[3] = sin a\n  c: float64[] = sum { axes: [0] } b\n  return c");
  expect(program.before?.toString()).toContain("b: float64[3] = mul a 1");
  expect(program.before?.equations).toHaveLength(3);
  expect(() => graph(3 as never)).toThrow(TransformError);
});

test("its parts are values with names, dtypes and shapes", () => {
  const { inputs, outputs, equations } = graph((x: NDArray, n: NDArray) => x.mul(n).sum(0))(zeros([2, 3]), 2);
  expect(inputs).toEqual([
    { name: "a", dtype: "float64", shape: [2, 3] },
    { name: "b", dtype: "float64", shape: [] },
  ]);
  expect(equations.map(({ operation }) => operation)).toEqual(["broadcast", "mul", "sum"]);
  expect(equations[2].params).toEqual({ axes: [0] });
  expect(equations[2].outputs).toEqual(outputs);
  expect(outputs).toEqual([{ name: "e", dtype: "float64", shape: [3] }]);
});

test("programs of loops stand further in", () => {
  const along = (x: NDArray): NDArray => scan((s: NDArray, row: NDArray) => [s.mul(row).neg().neg(), null], x, array([1, 2, 3]))[0];
  const program = graph(along)(zeros([]));
  expect(program.toString()).toMatch(/= scan .*\n {4}\(.*\) =>\n {6}.* = mul .*\n {6}return/);
  const [{ programs }] = program.equations;
  expect(programs).toHaveLength(1);
  expect(programs[0].equations.map(({ operation }) => operation)).toEqual(["mul"]);
});

test("flops, bytes and the most memory are counted from shapes", () => {
  // sin reads and writes 24 bytes, sum reads 24 and writes 8; x and its sine are held at a time with the sum.
  expect(graph(f)(zeros([3])).cost()).toEqual({ flops: 6, bytes: 80, peakBytes: 56, opaque: 0 });
  expect(graph((x: NDArray, y: NDArray) => x.matmul(y))(zeros([2, 3]), zeros([3, 5])).cost().flops).toBe(60);
  // Views hold nothing, and a value goes after its last use.
  const chain = graph((x: NDArray) => x.exp().reshape([100]).sin().cos().tan())(zeros([10, 10]));
  expect(chain.cost()).toMatchObject({ flops: 400, peakBytes: 2400 });
  const along = (x: NDArray): NDArray => scan((s: NDArray, row: NDArray) => [s.mul(row), null], x, zeros([7]))[0];
  expect(graph(along)(zeros([])).cost()).toMatchObject({ flops: 7, opaque: 0 });
  const until = (x: NDArray): NDArray =>
    whileLoop(
      (s: NDArray) => s.less(1),
      (s: NDArray) => s.add(1),
      x,
    );
  expect(graph(until)(zeros([])).cost().flops).toBe(2);
  expect(graph(linalg.cholesky)(zeros([3, 3])).cost().opaque).toBe(1);
});

test("operations of linear algebra show the options that are not the usual ones", () => {
  const [a, b] = [zeros([2, 2]), zeros([2, 1])];
  const line = (options: object): string => {
    const program = graph((a: NDArray, b: NDArray) => linalg.solveTriangular(a, b, options))(a, b);
    return program.toString().split("\n")[1];
  };
  expect(line({})).toBe("  c: float64[2, 1] = solveTriangular a b");
  expect(line({ lower: true })).toBe("  c: float64[2, 1] = solveTriangular { lower: true } a b");
  expect(line({ lower: true, onFailure: "nan" })).toContain('solveTriangular { lower: true, onFailure: "nan" } a b');
  const [equation] = graph((a: NDArray) => linalg.inv(a, { onFailure: "nan" }))(a).equations;
  expect(equation).toMatchObject({ operation: "inv", params: { onFailure: "nan" } });
});

test("a drawing has a node for each input, equation and result", () => {
  const dot = graph((x: NDArray) => debugPrint("x", x).sin())(zeros([2])).toDot();
  expect(dot).toMatch(/^digraph \{\n {2}n0 \[label="a: float64\[2\]", shape=ellipse\];/);
  expect(dot).toContain('"debugPrint \\"x\\""');
  expect(dot).toContain('"sin\\nb: float64[2]"');
  expect(dot.match(/->/g)).toHaveLength(3);
});

test("one matrix times a batch of wide ones is a batch of products; the batch is transposed into one product where its matrices are narrow", () => {
  const operations = (columns: number) =>
    graph(vmap((x: NDArray, w: NDArray) => matmul(x, w), { inAxes: [null, 0] }))(zeros([4, 5]), zeros([10, 5, columns])).equations.map(
      ({ operation }) => operation,
    );
  expect(operations(64)).toEqual(["broadcast", "matmul"]);
  expect(operations(2)).toContain("transpose");
});
