import { fails } from "@ad/expect";
import { describe, expect, test, vi } from "vitest";
import { add, array, grad, type NDArray, ones, read, TransformError, vjp } from "../../src/index.js";

const x = array([1, 2, 3]);

describe("a value that escaped its transformation", () => {
  const leak = (): NDArray => {
    let leaked: NDArray | undefined;
    grad((y) => {
      leaked = y.mul(2);
      return y.sum();
    })(x);
    return leaked as NDArray;
  };
  const text = (op: string) =>
    `${op}: a value of grad is used after its function has returned. Return it from the function, or as aux with hasAux: true, instead of storing it outside.`;

  test("cannot be computed with", () => {
    fails(() => leak().add(1), TransformError, text("add"));
    fails(() => add(1, leak()), TransformError, text("add"));
    fails(() => leak().T, TransformError, text("transpose"));
    fails(() => leak().sum(), TransformError, text("sum"));
    fails(() => ones([3]).matmul(leak()), TransformError, text("reshape"));
  });

  test("nor in another transformation, nor in a later call of the same one", () => {
    fails(() => grad((y) => y.mul(leak()).sum())(x), TransformError, text("mul"));
    let kept: NDArray | undefined;
    const f = grad((y) => {
      const before = kept;
      kept = y;
      return before ? y.add(before).sum() : y.sum();
    });
    f(x);
    fails(() => f(x), TransformError, text("add"));
  });

  test("cannot be returned, nor differentiated", () => {
    fails(() => grad((_: NDArray) => leak().sum())(x), TransformError, "a value of grad is used after its function has returned");
    let kept: NDArray | undefined;
    grad((y) => {
      kept = y.sum();
      return kept;
    })(x);
    fails(
      () => vjp((y: NDArray) => [y, kept as NDArray], x)[1]([x, 1]),
      TransformError,
      "a value of grad is used after its function has returned",
    );
    fails(() => grad((y) => y.sum())(leak()), TransformError, "a value of grad is used after its function has returned");
  });

  test("has escaped when its function threw, too", () => {
    let leaked: NDArray | undefined;
    expect(() =>
      grad((y) => {
        leaked = y;
        throw new Error("mine");
      })(x),
    ).toThrow("mine");
    fails(() => leaked?.add(1), TransformError, text("add"));
  });

  test("what the transformation handed out is no such value", () => {
    const [out, pullback] = vjp((y: NDArray) => y.square(), x);
    expect(out.add(1).toArray()).toEqual([2, 5, 10]);
    expect(pullback(x)[0].add(1).toArray()).toEqual([3, 9, 19]);
  });
});

describe("reading a value that a transformation passed in", () => {
  test.each(["item", "toArray", "data", "ndarray"] as const)("%s", (reader) => {
    fails(
      () =>
        grad((y) => {
          y[reader]();
          return y.sum();
        })(x),
      TransformError,
      `${reader}(): this array of shape [3] is traced by grad and has no numbers to read yet. Choose with where(condition, a, b) instead of if, return it from the function, or as aux with hasAux: true.`,
    );
  });
  test("read", async () => {
    let reading: Promise<unknown> | undefined;
    grad((y) => {
      reading = read(y);
      return y.sum();
    })(x);
    await expect(reading).rejects.toThrow(TransformError);
  });
  test("its shape and dtype are known, and what does not depend on it can be read", () => {
    grad((y) => {
      expect([y.shape, y.ndim, y.size, y.dtype, y.device.name]).toEqual([[3], 1, 3, "float64", "cpu"]);
      expect(x.sum().item()).toBe(6);
      return y.sum();
    })(x);
  });
});

describe("two copies of the library", () => {
  test("an array of the other one is refused, and the remedy named", async () => {
    vi.resetModules();
    const other = await import("../../src/index.js");
    const theirs = other.array([1, 2, 3]);
    expect(theirs).not.toBeInstanceOf(x.constructor);
    const text = "this array was made by another copy of @ad/core. Two copies are loaded; install one (npm ls @ad/core shows them).";
    const Class = TransformError;
    fails(() => x.add(theirs as never), Class, `add: ${text}`);
    fails(() => array(theirs as never), Class, `array: ${text}`);
    fails(() => grad((y) => y.sum())(theirs as never), Class, `grad: ${text}`);
    fails(() => grad((_: NDArray) => theirs as never)(x), Class, `grad: ${text}`);
    expect(() => theirs.add(x as never)).toThrow(`add: ${text}`);
    expect(() => other.grad((y) => y.mul(x as never).sum())(theirs)).toThrow(`mul: ${text}`);
  });
});
