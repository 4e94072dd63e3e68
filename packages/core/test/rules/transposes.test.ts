import { expect, test } from "vitest";
import { Aval } from "../../src/engine/aval.js";
import { zeros } from "../../src/index.js";
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
