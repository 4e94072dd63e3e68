import { describe, expect, it, vi } from "vitest";
import { ADError, array, debugNaNs, debugPrint, grad, NaNError, type NDArray, TreeError, vjp } from "../src/index.js";

const caught = (run: () => unknown): Error => {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
};

describe("debugNaNs", () => {
  it("gives back what comes out where all is well", () => {
    expect(debugNaNs(() => array([1, 4]).sqrt().toArray())).toEqual([1, 2]);
  });
  it("names the operation, the shapes and the user's line", () => {
    const error = caught(() => debugNaNs(() => array([1, -1]).sqrt().sum()));
    expect(error).toBeInstanceOf(NaNError);
    expect(error).toBeInstanceOf(ADError);
    expect(error.message).toContain("sqrt: a NaN came out where none went in. The inputs were float64 [2]. It is part of the call at ");
    expect(error.message).toContain("debug.test.ts");
  });
  it("looks into the backward pass", () => {
    const f = () => grad((x) => x.abs().sqrt().mul(0).sum())(array([0]));
    expect(f().toArray()).toEqual([Number.NaN]);
    const error = caught(() => debugNaNs(f));
    expect(error.message).toContain("mul: a NaN came out");
    expect(error.message).toContain("debug.test.ts");
  });
  it("lets pass what was NaN before, and sees nothing outside of the function", () => {
    const nan = array([Number.NaN]);
    expect(debugNaNs(() => nan.sin().mul(2).toArray())).toEqual([Number.NaN]);
    const [, pullback] = debugNaNs(() => vjp((x) => x.sqrt(), array([0])));
    expect(pullback(array([0]))[0].toArray()).toEqual([Number.NaN]);
    expect(array([-1]).log().toArray()).toEqual([Number.NaN]);
  });
});

describe("debugPrint", () => {
  const printed = (run: () => unknown): unknown[] => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      run();
      return log.mock.calls.map(([line]) => line);
    } finally {
      log.mockRestore();
    }
  };
  it("prints the label and the numbers, and gives the array back", () => {
    const x = array([1, 2]);
    expect(printed(() => expect(debugPrint("x", x)).toBe(x))).toEqual(["x: array([1., 2.])"]);
    expect(printed(() => expect(debugPrint("n", 2).mul(3).item()).toBe(6))).toEqual(["n: array(2.)"]);
  });
  it("prints each leaf of a tree with its place, and gives the tree back", () => {
    const state = { w: [array([1, 2]), 3] as [NDArray, number], b: { c: array(4) } };
    expect(printed(() => expect(debugPrint("s", state).w[1].mul(2).item()).toBe(6))).toEqual([
      "s.b.c: array(4.)",
      "s.w[0]: array([1., 2.])",
      "s.w[1]: array(3.)",
    ]);
    expect(printed(() => debugPrint("p", [array(1), array(2)]))).toEqual(["p[0]: array(1.)", "p[1]: array(2.)"]);
    const slope = (x: NDArray) =>
      grad((x: NDArray) =>
        debugPrint("t", { x, y: x.mul(2) })
          .y.mul(x)
          .sum(),
      )(x);
    expect(printed(() => expect(slope(array([1, 2])).toArray()).toEqual([4, 8]))).toEqual(["t.x: array([1., 2.])", "t.y: array([2., 4.])"]);
    expect(() => debugPrint("x", "y")).toThrow(
      new TreeError(
        'debugPrint: the argument has "y" at $; a leaf is an array, a number or a boolean, a container is a JS array or a plain object.',
      ),
    );
  });
  it.each([
    [{}, "{}"],
    [[], "[]"],
    [null, "null"],
    [{ a: null }, "{ a: null }"],
    [{ b: [{}], a: [] }, "{ a: [], b: [{}] }"],
  ])("prints a tree without arrays in one line, and gives it back: %j", (tree, line) => {
    expect(printed(() => expect(debugPrint("e", tree)).toEqual(tree))).toEqual([`e: ${line}`]);
  });
  it("says that a label comes first", () => {
    const message = 'debugPrint: the label is an array of shape [] and dtype float64; give a string first, as in debugPrint("x", x).';
    expect(() => debugPrint(array(1) as never, undefined)).toThrow(new TreeError(message));
  });
  it("prints values once under grad of grad, and lets derivatives pass", () => {
    const f = (x: NDArray) => debugPrint("x", x).pow(3).sum();
    const second = grad((x) => grad(f)(x).sum());
    expect(printed(() => expect(second(array([1, 2])).toArray()).toEqual([6, 12]))).toEqual(["x: array([1., 2.])"]);
  });
});
