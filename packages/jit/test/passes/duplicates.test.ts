import { array, debugPrint, type NDArray, zeros } from "@ad/core";
import { Graph } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { checkResults, graphOf, operations, passOf } from "./programs.js";

/** The walk of the rules, without any. */
const withoutDuplicates = passOf();

const x = zeros([2, 2]);
const left = (f: (x: NDArray) => NDArray): string[] => operations(withoutDuplicates(graphOf(f, x)));

test("what is computed twice is computed once", () => {
  expect(left((x) => x.exp().add(x.exp()))).toEqual(["exp", "add"]);
  expect(left((x) => x.exp().sum(0).mul(x.exp().sum(0)))).toEqual(["exp", "sum", "mul"]);
});

test("other operands and other parameters are others", () => {
  expect(left((x) => x.sum(0).add(x.sum(1)))).toEqual(["sum", "sum", "add"]);
  expect(left((x) => x.sub(1).add(array(1).sub(x)))).toEqual(["sub", "sub", "add"]);
});

test("effects are not merged", () => {
  const twice = (x: NDArray): NDArray => {
    debugPrint("x", x);
    debugPrint("x", x);
    return x;
  };
  expect(left(twice)).toHaveLength(2);
});

test("random programs keep their results to the last bit", () => {
  checkResults(withoutDuplicates, true);
});

test("a pass that looks past operands is found out", () => {
  const broken = ({ inputs, equations, outputs }: Graph): Graph => {
    const [first, same] = [new Map<string, NDArray>(), new Map<NDArray | undefined, NDArray>()];
    const own = <T extends NDArray | undefined>(x: T): T | NDArray => same.get(x) ?? x;
    const changed = equations.map((equation) => {
      const [out] = equation.outs;
      const key = `${equation.operation} ${out.shape}`;
      const known = first.get(key);
      if (equation.operation === "add" && known) same.set(out, known);
      else first.set(key, out);
      return { ...equation, inputs: equation.inputs.map(own) };
    });
    return new Graph(inputs, changed, outputs.map(own));
  };
  expect(() => checkResults(broken, true)).toThrow("in place of");
});
