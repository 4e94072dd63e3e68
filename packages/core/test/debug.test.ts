import { describe, expect, it } from "vitest";
import { ADError, array, debugNaNs, grad, NaNError, vjp } from "../src/index.js";

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
    expect(error.message).toContain("sqrt: a NaN came out where none went in. The inputs were float64 [2].");
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
