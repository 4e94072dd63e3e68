import { array, cond, debugPrint, grad, type NDArray, scan, vjp, whileLoop } from "@ad/core";
import { jvp, pushforward } from "@ad/forward";
import { expect, test, vi } from "vitest";
import { jit } from "../src/index.js";

/** Where tangents come later than values, values do not wait for them. */

const x = array([0.3, 1.2, -0.7]);
const functions: Readonly<Record<string, (x: NDArray) => NDArray>> = {
  elementwise: (x) => x.sin().mul(x),
  linear: (x) => x.mul(3),
  cond: (x) =>
    cond(
      x.sum().greater(0),
      () => x.exp(),
      () => x.neg(),
    ),
  scan: (x) => scan((s: NDArray, row: NDArray) => [s.mul(row).sin(), s.add(row)], array(1), x)[1],
  whileLoop: (x) =>
    whileLoop(
      (s: NDArray) => s.sum().less(10),
      (s: NDArray) => s.mul(x).add(1),
      x,
    ),
};

test.each(Object.entries(functions))("pushforward of a program with %s has the values, and looks at them", (_, f) => {
  const value = f(x).toArray();
  const tangent = jvp(f, [x], [x.cos()])[1];
  const close = (a: NDArray): void =>
    a.data().forEach((v, i) => {
      expect(v).toBeCloseTo(tangent.data()[i], 10);
    });
  const [out, push] = pushforward(jit(f), x);
  expect(out.toArray()).toEqual(value);
  close(push([x.cos()]));
  close(push([x.cos()]));
  // A branch outside of the program is chosen by its value.
  const chosen = (own: (x: NDArray) => NDArray) => (x: NDArray) => {
    const y = own(x);
    return cond(
      y.sum().greater(0.1),
      () => y,
      () => y.mul(2),
    );
  };
  const [both, pushBoth] = pushforward(chosen(jit(f)), x);
  const [expected, pushExpected] = pushforward(chosen(f), x);
  expect(both.toArray()).toEqual(expected.toArray());
  expect(pushBoth([x]).sum().item()).toBeCloseTo(pushExpected([x]).sum().item() as number, 10);
  // Inside of a program, and differentiated.
  const along = (x: NDArray): NDArray => pushforward(f, x)[1]([x.cos()]);
  close(jit(along)(x));
  const [, pull] = vjp(along, x);
  const [, pullJit] = vjp(jit(along), x);
  pullJit(x)[0]
    .data()
    .forEach((v, i) => {
      expect(v).toBeCloseTo(pull(x)[0].data()[i], 10);
    });
});

test("what prints prints once, and not when tangents are pushed", () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const [out, push] = pushforward(
    jit((x: NDArray) => debugPrint("x", x).square()),
    x,
  );
  expect(log.mock.calls).toHaveLength(1);
  expect(push([x]).toArray()).toEqual(x.mul(x).mul(2).toArray());
  expect(log.mock.calls).toHaveLength(1);
  expect(out.shape).toEqual([3]);
  log.mockRestore();
});

test("a pushforward does not compute the values again", () => {
  let traced = 0;
  const f = jit((x: NDArray) => {
    traced++;
    return x.exp().sum();
  });
  const [, push] = pushforward(f, x);
  push([x]);
  push([x]);
  expect(traced).toBe(1);
  expect(grad((y: NDArray) => push([y]))(x).toArray()).toEqual(x.exp().toArray());
});
