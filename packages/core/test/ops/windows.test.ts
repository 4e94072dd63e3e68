import { expectClose, fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  array,
  DTypeError,
  geomspace,
  grad,
  hamming,
  hann,
  indices,
  kaiser,
  logspace,
  type NDArray,
  ShapeError,
  TreeError,
} from "../../src/index.js";

test("a periodic window is the longer symmetric one without its end", () => {
  expectClose(hamming(6, { periodic: true }), hamming(7).slice([0, 6]).toArray() as number[]);
  expect(hann(3, { dtype: "float32" }).dtype).toBe("float32");
});

test("a Kaiser window has a derivative by its shape", () => {
  const f = (beta: NDArray) => kaiser(5, beta).slice(1);
  const [h, at] = [1e-5, 3];
  const difference = (f(array(at + h)).item() - f(array(at - h)).item()) / (2 * h);
  expectClose(grad(f)(array(at)), difference, 9);
});

test("errors name the function", () => {
  fails(() => hann(-1), ShapeError, "hann: n is -1 (number); give a whole number from 0 on.");
  fails(() => hann(3, { periodic: 1 as never }), TreeError, "hann: periodic is 1 (number); give true or false.");
  fails(() => hann(3, { sym: true } as never), TreeError, 'hann: there is no option "sym"');
  fails(() => kaiser(3, [1, 2]), ShapeError, "kaiser: beta has shape [2]; give a single number.");
  fails(() => logspace(0, "1" as never, 2), DTypeError, 'logspace: the bounds are 0 (number) and "1"; give numbers.');
  fails(() => geomspace(-1, 1, 2), DTypeError, "geomspace: the bounds are -1 and 1; give two numbers of one sign, neither 0.");
  fails(() => indices([-1]), ShapeError, "indices: the shape is [-1]");
});
