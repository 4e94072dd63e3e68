import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { array, foriLoop, grad, type NDArray, scan, TreeError, vjp } from "../../src/index.js";

const kinds = [true, "sqrt", "log"] as const;

describe.each(kinds)("a loop whose checkpoint is %s", (checkpoint) => {
  const options = { checkpoint };

  test.each([0, 1, 2, 7, 16])("scan of %d steps gives what it gives without, and its derivatives", (n) => {
    const xs = array(Array.from({ length: n }, (_, i) => i / 7 + 0.3));
    const run = (own?: typeof options) => (w: NDArray) =>
      scan(({ s }: { s: NDArray }, x: NDArray) => [{ s: s.mul(w).add(x).sin() }, s.mul(x)] as const, { s: w }, xs, own);
    const at = array(0.7);
    const [plain, saved] = [run()(at), run(options)(at)];
    expect(saved[0].s.item()).toBe(plain[0].s.item());
    expect(saved[1].toArray()).toEqual(plain[1].toArray());
    const loss = (own?: typeof options) => (w: NDArray) => {
      const [{ s }, ys] = run(own)(w);
      return s.add(ys.sum());
    };
    expect(grad(loss(options))(at).item<number>()).toBeCloseTo(grad(loss())(at).item<number>(), 12);
    const second = (own?: typeof options) => grad((w: NDArray) => grad(loss(own))(w))(at).item<number>();
    expect(second(options)).toBeCloseTo(second(), 12);
  });

  test.each([0, 1, 5, 9])("foriLoop of %d steps gives what it gives without, and its derivatives", (n) => {
    const run = (own?: typeof options) => (w: NDArray) => foriLoop(1, n + 1, (i, s) => s.mul(w).add(i).sin(), w, own);
    const at = array([0.7, -0.4]);
    expect(run(options)(at).toArray()).toEqual(run()(at).toArray());
    const [, plain] = vjp(run(), at);
    const [, saved] = vjp(run(options), at);
    // The cotangent of w is summed in another order.
    expectClose(saved(array([1, 2]))[0], plain(array([1, 2]))[0].toArray() as number[]);
  });

  test("collects nothing where null comes, and takes a number as its state", () => {
    const total = (xs: NDArray) => scan((sum: NDArray, x: NDArray) => [sum.add(x.square()), null], 0, xs, options);
    expect(total(array([1, 2, 3]))[1]).toBe(null);
    expect(grad((xs: NDArray) => total(xs)[0])(array([1, 2, 3])).toArray()).toEqual([2, 4, 6]);
  });
});

test("no other option is taken", () => {
  fails(
    () => scan((s: NDArray, x: NDArray) => [s.add(x), null], 0, array([1]), { checkpoint: "cube" as never }),
    TreeError,
    'scan: checkpoint is "cube"; use true, "sqrt" or "log".',
  );
  fails(
    () => foriLoop(0, 2, (_, s) => s, 1, { checkpiont: true } as never),
    TreeError,
    'foriLoop: there is no option "checkpiont"; did you mean "checkpoint"? The options are checkpoint.',
  );
});
