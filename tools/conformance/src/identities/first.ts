import { type NDArray, vjp } from "@ad/core";
import { isFloat } from "@ad/core/internals/trace";
import { jvp, pushforward } from "@ad/forward";
import type { Case } from "../case.js";
import { agreeAll, agreeForms, agreeInner, agreeZero, directions, Mismatch } from "../compare.js";
import { differences } from "../differences.js";
import { compact } from "../inputs.js";
import { type Arrays, isSmooth, pullback, smoothPart, tangent } from "../smooth.js";
import type { Identity } from "./identity.js";

const copied = (x: NDArray): NDArray => compact(x.data(), x.shape, x.dtype);
const wide = (x: NDArray): NDArray => x.astype("float64");
const hasFloat = (c: Case): boolean => c.example(0).some((x) => isFloat(x.dtype));

/**
 * Compares with d/dε g(x + ε·t): in float64 by central differences, zero where the case says so. Float32 is too coarse for differences,
 * so there it is the derivative of the same function in float64, which is checked itself.
 */
export function agreeDerivative(
  c: Case,
  g: Arrays,
  x: readonly NDArray[],
  t: readonly NDArray[],
  actual: readonly NDArray[],
  what: string,
) {
  if (c.precision.dtype === "float32") {
    const expected = tangent(g, x.map(wide), t.map(wide));
    agreeAll(actual.map(wide), expected.map(wide), c.precision.derivative, what);
  } else agreeAll(actual, differences(g, x, t), c.precision.derivative, what);
}

export const first = {
  "the layout does not matter": {
    applies: (c) => c.layout !== "dense",
    check(c) {
      for (const k of [0, 1]) {
        const operands = c.example(k);
        agreeAll(c.f(...operands), c.f(...operands.map(copied)), c.precision.same, "f");
      }
    },
  },

  "float32 stays float32": {
    applies: (c) => c.precision.dtype === "float32",
    check(c) {
      const operands = c.example(0);
      const expected = c.f(...operands.map((x) => (isFloat(x.dtype) ? wide(x) : x)));
      const got = c.f(...operands);
      got.forEach((y, i) => {
        const dtype = expected[i].dtype === "float64" && !c.wide ? "float32" : expected[i].dtype;
        if (y.dtype !== dtype) throw new Mismatch(`result ${i} is ${y.dtype} instead of ${dtype}`);
      });
      agreeAll(got.map(wide), expected.map(wide), c.precision.derivative, "f against float64");
    },
  },

  "jvp's primal is the plain call": {
    applies: isSmooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const [out, pushed] = jvp(f, [...x], directions(x, "t"));
      agreeAll(out, y, 0, "the primal");
      agreeForms(pushed, y, "the tangent");
    },
  },

  "jvp is the central difference": {
    applies: (c) => isSmooth(c) && (c.smooth || c.constant),
    check(c) {
      const { f, x, y } = smoothPart(c);
      const t = directions(x, "t");
      const pushed = tangent(f, x, t);
      if (c.constant) pushed.forEach((actual, i) => agreeZero(actual, y[i], "J·t"));
      else agreeDerivative(c, f, x, t, pushed, "J·t");
    },
  },

  "⟨g, J·t⟩ = ⟨Jᵀ·g, t⟩": {
    applies: isSmooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const [t, g] = [directions(x, "t"), directions(y, "g")];
      const pulled = pullback(f, x, g);
      agreeForms(pulled, x, "Jᵀ·g");
      agreeInner([g, tangent(f, x, t)], [pulled, t], c.precision.same, "⟨g, J·t⟩ against ⟨Jᵀ·g, t⟩");
    },
  },

  "each operand alone: ⟨g, J·t⟩ = ⟨Jᵀ·g, t⟩": {
    applies: (c) => isSmooth(c) && smoothPart(c).active.length > 1,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const g = directions(y, "g");
      x.forEach((point, i) => {
        // The others have the dtype of the one that is differentiated, float64 where that is checked by float64.
        const alone: Arrays = (own) => f(...x.map((other, j) => (i === j ? own : other.astype(own.dtype))));
        const t = directions([point], `t${i}`);
        const pushed = tangent(alone, [point], t);
        agreeInner([g, pushed], [pullback(alone, [point], g), t], c.precision.same, `operand ${i}`);
        if (c.smooth) agreeDerivative(c, alone, [point], t, pushed, `operand ${i}`);
      });
    },
  },

  "pushforward is jvp": {
    applies: isSmooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const [out, push] = pushforward(f, ...x);
      agreeAll(out, y, 0, "the primal");
      for (const seed of ["t", "s"]) {
        const t = directions(x, seed);
        agreeAll(push(t), tangent(f, x, t), c.precision.same, `push(${seed})`);
      }
    },
  },

  "vjp's result is the plain call, and its pullback can be called again": {
    applies: isSmooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const [out, pull] = vjp(f, ...x);
      agreeAll(out, y, 0, "the result");
      const [g, w] = [directions(y, "g"), directions(y, "w")];
      const once = pull(g);
      const other = pull(w);
      agreeAll(pull(g), once, 0, "the second call");
      const both = pull(g.map((ct, i) => ct.sub(w[i])));
      agreeAll(
        both,
        once.map((ct, i) => ct.sub(other[i])),
        c.precision.same,
        "Jᵀ·(g − w)",
      );
    },
  },

  "what is not floating has zero derivatives": {
    applies: (c) => hasFloat(c) && c.f(...c.example(0)).some((y) => !isFloat(y.dtype)),
    check(c) {
      const operands = c.example(0);
      const active = operands.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
      const x = active.map((i) => operands[i]);
      const f: Arrays = (...own) => {
        const all = operands.slice();
        active.forEach((i, k) => {
          all[i] = own[k];
        });
        return c.f(...all).filter((y) => !isFloat(y.dtype));
      };
      const y = f(...x);
      const [out, pushed] = jvp(f, x, directions(x, "t"));
      agreeAll(out, y, 0, "the primal");
      pushed.forEach((t, i) => agreeZero(t, y[i], "the tangent"));
      const [again, pull] = vjp(f, ...x);
      agreeAll(again, y, 0, "the result");
      pull(y).forEach((ct, i) => agreeZero(ct, x[i], "the cotangent"));
    },
  },
} satisfies Record<string, Identity>;
