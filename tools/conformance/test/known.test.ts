import { allClose, array, arrayEqual, bincount, type NDArray, TransformError, unique } from "@ad/core";
import { jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";

/** Functions that need known values: their result's shape, or that it is a JS boolean, depends on them. */
const functions: Readonly<Record<string, (x: NDArray) => unknown>> = {
  unique: (x) => unique(x),
  bincount: (x) => bincount(x.astype("int32")),
  allClose: (x) => allClose(x, [1, 2]),
  arrayEqual: (x) => arrayEqual(x, [1, 2]),
};

const said = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe.each(Object.entries(functions))("%s", (name, f) => {
  test("throws where values are traced, and says so in its own name", () => {
    for (const run of [
      () => vmap((x: NDArray) => [x, f(x)][0] as NDArray)(array([[1, 2]])),
      () => jit((x: NDArray) => [x, f(x)][0] as NDArray)(array([1, 2])),
    ]) {
      const error = said(run);
      expect(error).toBeInstanceOf(TransformError);
      expect((error as Error).message).toMatch(new RegExp(`^${name}: the values of an array that is traced by \\w+ are not known; `));
    }
  });
  test("sees what is the same in every lane, and the values of a derivative", () => {
    const x = array([1, 2]);
    expect(said(() => vmap((y: NDArray) => [y, f(x)][0] as NDArray)(x))).not.toBeInstanceOf(Error);
    expect(said(() => jvp((y: NDArray) => [y, f(y)][0] as NDArray, [x], [x]))).not.toBeInstanceOf(Error);
  });
});

test("a tangent goes through unique", () => {
  const [values, tangent] = jvp((x: NDArray) => unique(x), [array([3, 1, 3])], [array([10, 20, 30])]);
  expect([values.toArray(), tangent.toArray()]).toEqual([
    [1, 3],
    [20, 10],
  ]);
});
