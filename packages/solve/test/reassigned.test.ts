import { array, grad, type NDArray, stack, TransformError } from "@ad/core";
import { fails } from "@ad/expect";
import { derivative } from "@ad/forward";
import { hvp } from "@ad/functional";
import { jit } from "@ad/jit";
import { brent, customLinearSolve, fixedPoint, leastSquares, minimize, odeSolve, quad, root } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";

/** √(k / c), of a function that asks for c whenever it runs. */
const roots: Record<string, (k: NDArray, c: () => number) => NDArray> = {
  root: (k, c) => root((x: NDArray) => x.square().mul(c()).sub(k), 1).x,
  brent: (k, c) => brent((x) => x.square().mul(c()).sub(k), 0, 10).x,
  fixedPoint: (k, c) => fixedPoint((x: NDArray) => x.add(k.div(x).div(c())).div(2), 1).x,
  minimize: (k, c) =>
    minimize(
      (x: NDArray) =>
        x
          .pow(3)
          .mul(c() / 3)
          .sub(k.mul(x)),
      1,
      { gtol: 1e-12 },
    ).x,
  leastSquares: (k, c) => leastSquares((x: NDArray) => x.square().mul(c()).sub(k), 1).x,
};
/** Solves a linear map of which each element of the result is a multiple of the same one of its input. */
const divide = (matvec: (v: NDArray) => NDArray, b: NDArray): NDArray => b.div(matvec(b.filled(1, b.aval)));
/** k / c, likewise. */
const quotient = (k: NDArray, c: () => number): NDArray => customLinearSolve((x) => x.mul(c()), k, divide, divide);
const derivatives: Record<string, (f: (k: NDArray) => NDArray, k: NDArray) => NDArray> = {
  grad: (f, k) => grad(f)(k),
  "grad in lanes": (f, k) => vmap(grad(f))(k.expandDims(0)).slice(0),
  "grad of lanes": (f, k) => grad((k) => vmap(f)(k.expandDims(0)).slice(0))(k),
  "grad in a program": (f, k) => jit(grad(f))(k),
  "grad of a program": (f, k) => grad(jit(f))(k),
  "jvp of a program": (f, k) => derivative(jit(f))(k),
};
const second: Record<string, (f: (k: NDArray) => NDArray, k: NDArray) => NDArray> = {
  "grad of grad": (f, k) => grad(grad(f))(k),
  "grad of jvp": (f, k) => grad(derivative(f))(k),
  "jvp of grad": (f, k) => derivative(grad(f))(k),
  "grad of grad of a program": (f, k) => grad(grad(jit(f)))(k),
  "grad of lanes of grad": (f, k) => grad((k) => vmap(grad(f))(k.expandDims(0)).slice(0))(k),
};
const cs = [1, 2, 4];

/** Σ f(k, c) over c, in a variable that is assigned again. */
const total =
  (f: (k: NDArray, c: () => number) => NDArray) =>
  (k: NDArray): NDArray => {
    let [c, sum] = [0, array(0)];
    for (const each of cs) {
      c = each;
      sum = sum.add(f(k, () => c));
    }
    c = 100;
    return sum;
  };

for (const [name, f] of Object.entries(roots)) {
  const sum = (of: (c: number) => number): number => cs.reduce((all, c) => all + of(c), 0);
  test.each(Object.entries(derivatives))(`${name} has the derivatives of the function as it was: %s`, (_, of) => {
    expect(of(total(f), array(2)).item()).toBeCloseTo(
      sum((c) => 0.5 / Math.sqrt(2 * c)),
      8,
    );
  });
  test.each(Object.entries(second))(`${name} has the derivatives of the function as it was: %s`, (_, of) => {
    expect(of(total(f), array(2)).item()).toBeCloseTo(
      sum((c) => -0.25 / Math.sqrt(8 * c)),
      8,
    );
  });
}

test.each(Object.entries({ ...derivatives, ...second }))("linear equations have the derivatives of the map as it was: %s", (name, of) => {
  const f = total((k, c) => quotient(k.square(), c));
  expect(of(f, array(2)).item()).toBeCloseTo(name in second ? 2 * 1.75 : 4 * 1.75, 12);
});

/** c k³ / 3, as integrals with k at either end. */
const integrals: Record<string, (k: NDArray, c: () => number) => NDArray> = {
  "from 0 to k": (k, c) => quad((x) => x.square().mul(c()), 0, k).value,
  "from k to 0": (k, c) => quad((x) => x.square().mul(-c()), k, 0).value,
  "with k in the function": (k, c) => quad((x) => x.mul(k).mul(c() * (2 / 3)), 0, k).value,
};
for (const [name, f] of Object.entries(integrals))
  test.each(Object.entries({ ...derivatives, ...second }))(
    `an integral ${name} has the derivatives of the function as it was: %s`,
    (mode, of) => {
      expect(of(total(f), array(2)).item()).toBeCloseTo(4 * 7, 9);
      expect(of((k) => total(f)(k).square(), array(2)).item()).toBeCloseTo(mode in second ? (30 * 16 * 49) / 9 : (6 * 32 * 49) / 9, 7);
    },
  );

test.each(Object.entries(integrals))("an integral %s has third derivatives of the function as it was", (_, f) => {
  for (const bend of Object.values(second))
    for (const third of [grad(bend.bind(null, total(f))), derivative(bend.bind(null, total(f)))])
      expect(third(array(2)).item()).toBeCloseTo(2 * 7, 8);
});

test("an integral in a loop of JavaScript", () => {
  const twice = (k: NDArray): NDArray => {
    let y = k;
    for (let i = 0; i < 2; i++) y = quad((x) => x.mul(y).mul(2), 0, y).value;
    return y;
  };
  for (const slope of Object.values(derivatives)) expect(slope(twice, array(1.1)).item()).toBeCloseTo(9 * 1.1 ** 8, 8);
  for (const bend of Object.values(second)) expect(bend(twice, array(1.1)).item()).toBeCloseTo(72 * 1.1 ** 7, 7);
});

test("steps of implicit Euler in a loop of JavaScript", () => {
  const decay = (k: NDArray): NDArray => {
    let y = array(1);
    for (let i = 0; i < 3; i++) y = root((next: NDArray) => next.sub(y).add(next.mul(k).mul(0.1)), y).x;
    return y;
  };
  for (const slope of [grad(decay), grad(jit(decay)), jit(grad(decay))]) expect(slope(2).item()).toBeCloseTo(-0.3 * 1.2 ** -4, 10);
});

test("steps of Newton in a loop of JavaScript", () => {
  const energy = (k: NDArray) => (y: NDArray) => y.pow(4).sum().mul(k).sub(y.sum());
  const lowest = (k: NDArray): NDArray => {
    let y = array([1, 1]);
    for (let i = 0; i < 8; i++) y = y.sub(customLinearSolve((d) => hvp(energy(k), [y], [d])[1][0], grad(energy(k))(y), divide, divide));
    return y.slice(0);
  };
  for (const slope of [grad(lowest), grad(jit(lowest))]) expect(slope(2).item()).toBeCloseTo(-(8 ** (-1 / 3)) / 6, 8);
});

describe.each(["steps", "adjoint", "forward"] as const)("odeSolve, whose gradient is %s", (gradient) => {
  const options = { gradient, rtol: 1e-9, atol: 1e-12 };
  const growth = total((k, c) => odeSolve((_, y: NDArray) => y.mul(k).mul(c()), array(1), [0, 1], options).ys.slice(-1));
  const step = (y: NDArray): NDArray => odeSolve((_, z: NDArray) => z.mul(y).neg(), y, [0, 1], options).ys.slice(-1);
  /** y·exp(−y), twice. */
  const loop = (k: NDArray): NDArray => {
    let y = k;
    for (let i = 0; i < 2; i++) y = odeSolve((_, z: NDArray) => z.mul(y).neg(), y, [0, 1], options).ys.slice(-1);
    return y;
  };
  const inPrograms: Record<string, (f: (k: NDArray) => NDArray) => (k: NDArray) => NDArray> = {
    "jit of grad": (f) => jit(grad(f)),
    "grad of jit": (f) => grad(jit(f)),
    "jit of jvp": (f) => jit(derivative(f)),
    "jit of grad of jvp": (f) => jit(grad(derivative(f))),
    "jvp of grad of jit": (f) => derivative(grad(jit(f))),
    "grad in lanes of jit": (f) => (k) => vmap(grad(jit(f)))(k.expandDims(0)).slice(0),
  };
  test.each(Object.entries(inPrograms))("in a program it is the equation that was solved: %s", (name, of) => {
    const power = /grad of jvp|jvp of grad/.test(name) ? 2 : 1;
    expect(of(growth)(array(0.2)).item()).toBeCloseTo(
      cs.reduce((sum, c) => sum + c ** power * Math.exp(0.2 * c), 0),
      6,
    );
    const twice = (k: NDArray): NDArray => step(step(k));
    expect(of(loop)(array(0.5)).item()).toBeCloseTo(of(twice)(array(0.5)).item(), 9);
  });
  const elsewhere: Record<string, (f: (k: NDArray) => NDArray) => (k: NDArray) => NDArray> = {
    grad,
    "grad of grad": (f) => grad(grad(f)),
    "jvp of grad": (f) => derivative(grad(f)),
    "grad of jvp": (f) => grad(derivative(f)),
    "grad in lanes": (f) => (k) => vmap(grad(f))(k.expandDims(0)).slice(0),
  };
  test.each(Object.entries(elsewhere))("elsewhere there is one error: %s", (_, of) => {
    const message = "odeSolve: the function gives other numbers when its derivative is taken";
    fails(() => of(growth)(array(0.2)), TransformError, message);
    fails(() => of(loop)(array(0.5)), TransformError, message);
    // The values of events, which move with k where the solution does not.
    const event = total((k, c) =>
      odeSolve((_, y: NDArray) => y.filled(c(), y.aval), array(0), [0, 9], {
        ...options,
        events: [(_, y) => y.square().sub(k)],
      }).events[0].ts.slice(0),
    );
    fails(() => of(event)(array(1)), TransformError, message);
  });
});

test.each(["float64", "float32"] as const)("changes that move a short step a little are seen: %s", (dtype) => {
  const f = (k: NDArray): NDArray => {
    let c = 1;
    const { ys } = odeSolve((_, y: NDArray) => y.mul(-c), k, [0, 1], { maxSteps: 1e5, rtol: 1e-5, firstStep: 1e-3 });
    c = 1.1;
    return ys.slice(-1);
  };
  fails(() => grad(f)(array(1).astype(dtype)), TransformError, "odeSolve: the function gives other numbers");
});

test.each(["tsit5", "dopri5", "rosenbrock"] as const)(
  "a chaotic system that stays as it is gives no error, with programs inside of it: %s",
  (method) => {
    const program = jit((s: NDArray, y: NDArray) => {
      const [a, b, c] = [y.slice(0), y.slice(1), y.slice(2)];
      return stack([b.sub(a).mul(s), a.mul(c.neg().add(28)).sub(b), a.mul(b).sub(c.mul(8 / 3))]);
    });
    for (const dtype of ["float64", "float32"] as const) {
      const end = (s: NDArray): NDArray =>
        odeSolve((_, y) => program(s, y), array([1, 2, 3]).astype(dtype), [0, 5], { method, rtol: 1e-2 })
          .ys.slice(-1)
          .sum();
      expect(Number.isFinite(grad(end)(array(10).astype(dtype)).item())).toBe(true);
      expect(
        vmap(grad(end))(array([10, 9]).astype(dtype))
          .isFinite()
          .all()
          .item(),
      ).toBe(true);
    }
  },
);
