import { arange, checkpoint, customVjp, grad, type NDArray, ones, vjp } from "@ad/core";
import { peek, unseen } from "@ad/core/internals/trace";
import { describe, expect, test, vi } from "vitest";
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

describe("the memory of a gradient in lanes is used again", () => {
  const plain = (f: (x: NDArray) => NDArray, at = xs): NDArray => mapped((x: NDArray) => vjp(f, x)[1](1)[0])(at);

  test("and results, aux and what was looked at stay", () => {
    let seen: NDArray | undefined;
    const f = (x: NDArray): [NDArray, NDArray] => {
      const y = x.sin().mul(x);
      seen = peek(y)?.values;
      return [y.exp().sum(), y.cos()];
    };
    const run = () => mapped(grad(f, { hasAux: true }))(xs);
    const [first, second] = [run(), run()];
    disturb();
    for (const [gradient, aux] of [first, second]) {
      expect(gradient.data()).toEqual(plain((x) => f(x)[0]).data());
      expect(aux.data()).toEqual(xs.sin().mul(xs).cos().data());
    }
    expect(seen?.data()).toEqual(xs.sin().mul(xs).data());
  });

  test("and what the function keeps of values around it stays, computed as they were", () => {
    const f = (x: NDArray): NDArray => {
      const outer = x.square().add(1);
      const gradient = grad((y: NDArray) => y.sin().mul(outer).sum())(x);
      disturb();
      return gradient.add(outer);
    };
    expect(sum(mapped(f)(xs))).toBeCloseTo(sum(xs.cos().add(1).mul(xs.square().add(1))), 9);
  });

  test("and checkpoints and custom rules keep what they are called with", () => {
    const twice = customVjp(
      (x: NDArray) => x.square(),
      (x: NDArray) => [x.square(), (ct: NDArray) => [ct.mul(x).mul(2)]],
    );
    const f = (x: NDArray): NDArray => checkpoint((y: NDArray) => twice(y.sin().exp()) as NDArray)(x.cos()).sum();
    const found = mapped(grad(f))(xs);
    disturb();
    expect(found.data()).toEqual(plain(f).data());
  });

  test("so that few buffers are made", () => {
    // Of a size that nobody else has: there are no free ones.
    const xs = arange(3 * 9001)
      .reshape(3, -1)
      .mul(1e-4);
    const f = (x: NDArray): NDArray =>
      Array.from({ length: 20 })
        .reduce<NDArray>((y) => y.sin().mul(x), x)
        .sum();
    const made = (run: () => unknown): number => {
      run();
      let count = 0;
      // Node's way to memory that nothing has been written to.
      vi.stubGlobal("Buffer", undefined);
      vi.stubGlobal(
        "ArrayBuffer",
        class extends ArrayBuffer {
          constructor(bytes: number) {
            super(bytes);
            if (bytes === 8 * xs.size) count++;
          }
        },
      );
      run();
      vi.unstubAllGlobals();
      return count;
    };
    expect(made(() => plain(f, xs))).toBeGreaterThan(80);
    expect(made(() => mapped(grad(f))(xs))).toBeLessThan(8);
  });
});
