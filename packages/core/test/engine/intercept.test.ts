import { array, grad, type NDArray } from "@ad/core";
import { describe, expect, test } from "vitest";
import { observed, observedFirst, observers } from "../../src/engine/intercept.js";

/** An observer that says its name and doubles what goes in. */
const doubling =
  (name: string, seen: string[]) =>
  <T>(op: string, inputs: readonly NDArray[], run: (given: readonly NDArray[]) => T): T => {
    seen.push(`${name} ${op} ${inputs.map((x) => x.item()).join(" ")}`);
    return run(inputs.map((x) => array(2 * x.item<number>())));
  };

describe("observers", () => {
  test("see values from the outermost inwards", () => {
    const seen: string[] = [];
    const out = observed(doubling("outer", seen), false, () => observed(doubling("inner", seen), false, () => array(3).neg()));
    expect(out.item()).toBe(-12);
    expect(seen).toEqual(["outer neg 3", "inner neg 6"]);
  });
  test("one that comes first sees what the body names, and the others what it makes of that", () => {
    const seen: string[] = [];
    const out = observed(doubling("outer", seen), false, () => observedFirst(doubling("first", seen), () => array(3).neg()));
    expect(out.item()).toBe(-12);
    expect(seen).toEqual(["first neg 3", "outer neg 6"]);
  });
  test("one that comes first is deep: it sees the operations of a rule, which those that are not do not", () => {
    const names: string[] = [];
    const listening = <T>(op: string, inputs: readonly NDArray[], run: (given: readonly NDArray[]) => T): T => {
      names.push(op);
      return run(inputs);
    };
    grad((x: NDArray) => observedFirst(listening, () => x.sin()))(1);
    expect(names).toEqual(["sin", "sin"]);
    names.length = 0;
    grad((x: NDArray) => observed(listening, false, () => x.sin()))(1);
    expect(names).toEqual(["sin"]);
  });
  test("code that runs later is observed as at its creation, and inside of that as at its time; once where both are the same", () => {
    const seen: string[] = [];
    const asNow = observed(doubling("then", seen), false, () => observers());
    expect(observed(doubling("now", seen), false, () => asNow(() => array(3).neg())).item()).toBe(-12);
    expect(seen).toEqual(["then neg 3", "now neg 6"]);
    seen.length = 0;
    observed(doubling("now", seen), false, () => observers()(() => array(3).neg()));
    expect(seen).toEqual(["now neg 3"]);
  });
});
