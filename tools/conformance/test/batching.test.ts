import { customOp, type NDArray, stack } from "@ad/core";
import { expect, test } from "vitest";
import { type Batching, loops, survey, surveyOperations, surveyPrimitives } from "../src/batching.js";
import { of, real } from "../src/inputs.js";
import { primitiveNames } from "../src/suite.js";

const found = (all: readonly Batching[]): string[] => all.flatMap(loops);

test("every primitive has a batching rule that loops over no lanes", () => {
  const all = surveyPrimitives();
  expect(all.map(({ name }) => name)).toEqual(primitiveNames);
  for (const { name, counts } of all) expect(counts.length, name).toBeGreaterThan(0);
  expect(found(all)).toEqual([]);
});

test("no operation does more steps for more lanes", () => expect(found(surveyOperations())).toEqual([]));

test("a rule that loops is found", () => {
  const square = (x: NDArray): NDArray => x.square();
  const looping = customOp({
    forward: square,
    vmap: (xs: NDArray) => stack(Array.from({ length: xs.shape[0] }, (_, i) => square(xs.slice(i)))),
  });
  const entry = {
    label: "looping",
    f: (x: NDArray) => [looping(x)],
    operands: [of(real(0, 1), 2)],
    ties: false,
    constant: false,
    wide: false,
  };
  expect(loops(survey("looping", [entry]))).toHaveLength(1);
});
