import { array, cond, customVjp, foriLoop, grad, type NDArray, whileLoop } from "@ad/core";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

/** A user's rule that closes over a value which another transformation traces. */

const x = array(0.7);
const ys = array([1, 2]);
/** sin(x)·y, with twice its derivative. */
const doubled = (y: NDArray): ((x: NDArray) => NDArray) =>
  customVjp(
    (x: NDArray) => x.sin().mul(y),
    (x: NDArray) => [x.sin().mul(y), (ct: NDArray) => [ct.mul(x.cos()).mul(y).mul(2)]],
  );
const slopes = ys.mul(2 * Math.cos(0.7)).toArray();

test("is a value of the program where nothing but the rule reads it", () => {
  expect(vmap((y: NDArray) => jit(grad(doubled(y)))(x))(ys).toArray()).toEqual(slopes);
  expect(vmap((y: NDArray) => grad(jit(doubled(y)))(x))(ys).toArray()).toEqual(slopes);
});

test("is read in each call, and not that of the call before", () => {
  let y = array(1);
  const f = jit((x: NDArray) => doubled(y)(x));
  const values = (at: number): NDArray =>
    vmap((own: NDArray) => {
      y = own;
      return f(x);
    })(ys.mul(at));
  expect(values(1).toArray()).toEqual(ys.mul(Math.sin(0.7)).toArray());
  expect(values(3).toArray()).toEqual(ys.mul(3).mul(Math.sin(0.7)).toArray());
});

const branch = (y: NDArray) => (x: NDArray) => cond(x.greater(0), doubled(y), (x) => x.neg(), x);
const steps = (y: NDArray) => (x: NDArray) => foriLoop(0, 3, (_, s: NDArray) => doubled(y)(s), x);
const turns = (y: NDArray) => (x: NDArray) => whileLoop((s: NDArray) => s.greater(0.1), doubled(y), x);

test.each([
  ["cond", branch],
  ["foriLoop", steps],
  ["whileLoop", turns],
])("is refused inside of %s, by the remedy", (_, f) => {
  expect(() => vmap((y: NDArray) => jit(grad(f(y)))(x))(ys)).toThrow(
    /^(cond|customVjp|whileLoop): .*uses an array that jit traces and that is no argument of it.* Pass it as an argument\.$/,
  );
});

test("goes through control flow as an argument", () => {
  const ruled = customVjp(
    (x: NDArray, y: NDArray) => x.sin().mul(y),
    (x: NDArray, y: NDArray) => [x.sin().mul(y), (ct: NDArray) => [ct.mul(x.cos()).mul(y).mul(2), ct.mul(x.sin())]],
  );
  const f = (y: NDArray) => (x: NDArray) =>
    cond(
      x.greater(0),
      (x) => ruled(x, y),
      (x) => x.neg(),
      x,
    );
  expect(vmap((y: NDArray) => jit(grad(f(y)))(x))(ys).toArray()).toEqual(slopes);
});
