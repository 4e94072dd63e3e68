import { arange, grad, type NDArray, ones, vjp } from "@ad/core";
import { peek, unseen } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { vmap as mapped } from "../src/index.js";

const option = { [unseen]: true };
const vmap: typeof mapped = (f, options) => mapped(f, { ...option, ...options });

// Large enough to have a buffer of their own.
const xs = arange(3 * 8000)
  .reshape(3, 8000)
  .mul(1e-4);
const row = xs.slice(0);
const sum = (x: NDArray): number => x.sum().item();

/** Uses what is free for something else. */
const disturb = (): unknown => vmap((x: NDArray) => x.add(1).mul(2).exp().sum())(xs);

test("results stay as they are while others are computed, and so do views of them", () => {
  const [all, turned] = vmap((x: NDArray) => [x.sin().mul(x), x.cos().flip(0).slice([0, 5000])])(xs);
  const before = [sum(all), sum(turned)];
  disturb();
  expect([sum(all), sum(turned)]).toEqual(before);
  expect(sum(all)).toBeCloseTo(sum(xs.sin().mul(xs)), 9);
});

test("what a trace around the batch keeps stays, though only a constant is mapped", () => {
  const f = (w: NDArray): NDArray => {
    const out = vmap((x: NDArray) => x.sin().mul(w).sum())(xs).sum();
    disturb();
    return out;
  };
  expect(sum(grad(f)(row))).toBeCloseTo(sum(xs.sin()), 9);
  const [, pull] = vjp(f, row);
  disturb();
  expect(sum(pull(ones([]))[0])).toBeCloseTo(sum(xs.sin()), 9);
});

test("what was looked at stays", () => {
  let seen: NDArray | undefined;
  vmap((x: NDArray) => {
    const y = x.square();
    seen = peek(y)?.values;
    return y.sum();
  })(xs);
  disturb();
  expect(sum(seen as NDArray)).toBeCloseTo(sum(xs.square()), 9);
});
