import { array, type DType, type NDArray } from "@ad/core";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.js";
import { graphOf } from "../passes/programs.js";

const x = array([0.3, -1.7, 0, -0, 1, 40, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-80, -1e80]);

test.each([-6, -5, -4, -3, -2, -1, 2, 3, 4, 5, 6, -1.5, -0.5, 0.5, 2.5, 4.5, 5.5, 0.3])(
  "a power of %d is what eager code gives, and by products and roots where it is small",
  (n) => {
    for (const dtype of ["float64", "float32"] as DType[]) {
      const own = x.astype(dtype);
      const graph = graphOf((x) => x.pow(array(n, { dtype })), own);
      const { text, run } = compile(graph);
      expect(text?.includes("Fpow(")).toBe(!(Number.isInteger(2 * n) && Math.abs(n) < 5));
      const [p, q] = [graph.run([own])[0], run([own])?.[0]].map((x) => (x as NDArray).data());
      const rounding = dtype === "float64" ? 1e-15 : 2e-7;
      p.forEach((value, i) => {
        if (Number.isFinite(value) && value !== 0) expect(Math.abs(q[i] / value - 1), `${own.data()[i]}`).toBeLessThan(rounding);
        else expect(q[i], `${own.data()[i]}`).toBe(value);
      });
    }
  },
);

test("a power of what is no literal is a call, and so is one of whole numbers", () => {
  const [a, b] = [array([1.5, 2]), array([2, 3])];
  const textOf = (f: (...all: NDArray[]) => NDArray, ...like: NDArray[]): string => compile(graphOf(f, ...like)).text as string;
  expect(textOf((x, y) => x.pow(y), a, b)).toContain("Fpow(");
  expect(textOf((x, y) => x.pow(y), a.astype("int32"), b.astype("int32"))).toContain("F_pow(");
});
