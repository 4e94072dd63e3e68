import { array, cond, grad, type NDArray, read, scan, valueAndGrad, where } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { webgl } from "../../src/index.js";

const gpu = await webgl();
const x = array([1, 2, 3], { dtype: "float32", device: gpu });
const whole = array([1, 2, 3], { dtype: "int32", device: gpu });
const values = async (y: NDArray) => [y.dtype, y.device.name, ...(await read(y))];

test("a number takes the dtype and the device of what it meets", async () => {
  const sum = (xs: NDArray) => scan((total: NDArray, each: NDArray) => [total.add(each), total], 0, xs);
  expect(await values(sum(x)[0])).toEqual(["float32", "webgl", 6]);
  expect(await values(sum(whole)[0])).toEqual(["int32", "webgl", 6]);
  expect(await values(where(x.greater(1), 2, 3).mul(whole))).toEqual(["int32", "webgl", 3, 4, 6]);
  const chosen = vmap((y: NDArray) =>
    cond(
      y.greater(1),
      () => y,
      () => 0,
    ),
  );
  expect(await values(chosen(x))).toEqual(["float32", "webgl", 0, 2, 3]);
});

test("a number is differentiated against an array there", async () => {
  const f = (k: NDArray) => k.mul(x).square().sum();
  const [value, gradient] = valueAndGrad(f)(2);
  expect(await values(value)).toEqual(["float32", "webgl", 56]);
  expect(await values(gradient)).toEqual(["float32", "webgl", 56]);
  expect(await values(grad(grad(f))(2))).toEqual(["float32", "webgl", 28]);
  expect(await values(jvp(f, [2], [1])[1])).toEqual(["float32", "webgl", 56]);
  expect(await values(jvp(grad(f), [2], [1])[1])).toEqual(["float32", "webgl", 28]);
});
