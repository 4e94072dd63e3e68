import { describe, expect, it, vi } from "vitest";
import { ADError, array, debugNaNs, debugPrint, grad, NaNError, type NDArray, vjp } from "../src/index.js";

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
  it("prints values once under grad of grad, and lets derivatives pass", () => {
    const f = (x: NDArray) => debugPrint("x", x).pow(3).sum();
    const second = grad((x) => grad(f)(x).sum());
    expect(printed(() => expect(second(array([1, 2])).toArray()).toEqual([6, 12]))).toEqual(["x: array([1., 2.])"]);
  });
});
