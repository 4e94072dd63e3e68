import { expect, test } from "vitest";
import { Aval } from "../../src/engine/aval.js";
import { zeros } from "../../src/index.js";
import { Call, Output } from "../../src/reverse/entry.js";
import { Tape } from "../../src/reverse/tape.js";
import { transposes } from "../../src/rules/transposes.js";

test("the transpose of concatenate looks at each part once, however many there are", () => {
  let looks = 0;
  class Counted extends Aval {
    constructor() {
      super([1], "float64");
      Object.defineProperty(this, "shape", {
        get: () => {
          looks++;
          return [1];
        },
      });
    }
  }
  const avals = Array.from({ length: 300 }, () => new Counted());
  const parts = transposes.concatenate.all(zeros([300]), avals, { axis: 0 });
  expect(parts.map((part) => part.size)).toEqual(avals.map(() => 1));
  expect(looks).toBe(300);
});

test("the parts are one call on a tape, so that the second derivative joins their cotangents once", () => {
  const tape = new Tape("grad");
  const avals = Array.from({ length: 300 }, () => new Aval([1], "float64"));
  const parts = transposes.concatenate.all(tape.input(zeros([300])), avals, { axis: 0 });
  const calls = new Set(parts.map((part) => tape.owns(part) && part.entry instanceof Output && part.entry.call));
  expect([...calls]).toEqual([expect.any(Call)]);
});
