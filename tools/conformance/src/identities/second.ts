import { type NDArray, vjp } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, hvp, jacfwd, jacobian, jacrev, vhp } from "@ad/functional";
import type { Case } from "../case.js";
import { agree, agreeAll, agreeForms, agreeInner, directions } from "../compare.js";
import { type Arrays, backwards, forwards, isSmooth, pullback, smoothPart, tangent } from "../smooth.js";
import { agreeDerivative } from "./first.js";
import type { Identity } from "./identity.js";

const dense = (c: Case): boolean => isSmooth(c) && c.layout === "dense" && c.precision.dtype === "float64";

/** J·t, from the Jacobian's blocks out ++ in. */
const applied = (blocks: readonly NDArray[], x: readonly NDArray[], t: readonly NDArray[]): NDArray =>
  blocks.map((block, i) => block.tensordot(t[i], x[i].ndim)).reduce((a, b) => a.add(b));

/** A scalar of all results, none of them linearly: its Hessian sees first and second derivatives of f. */
function scalar({ f, y }: { readonly f: Arrays; readonly y: readonly NDArray[] }): (...x: NDArray[]) => NDArray {
  const weights = directions(y, "w");
  return (...x) =>
    f(...x)
      .map((out, i) => out.mul(0.1).sin().mul(weights[i]).sum())
      .reduce((a, b) => a.add(b));
}

export const second = {
  "jvp of vjp: forward over reverse": {
    applies: isSmooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const gradient = backwards(f, x.length);
      const xg = [...x, ...directions(y, "g")];
      const t = directions(xg, "t");
      const [out, pushed] = jvp(gradient, xg, t);
      agreeAll(out, gradient(...xg), c.precision.same, "the primal");
      agreeForms(pushed, x, "the tangent");
      if (c.smooth) agreeDerivative(c, gradient, xg, t, pushed, "against differences of the gradient");
    },
  },

  "jvp of jvp: forward over forward": {
    applies: (c) => isSmooth(c) && c.smooth,
    check(c) {
      const { f, x } = smoothPart(c);
      const push = forwards(f, x.length);
      const xt = [...x, ...directions(x, "t")];
      const s = directions(xt, "s");
      agreeDerivative(c, push, xt, s, tangent(push, xt, s), "against differences of J·t");
    },
  },

  "vjp of jvp: reverse over forward": {
    applies: isSmooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const push = forwards(f, x.length);
      const xt = [...x, ...directions(x, "t")];
      const [s, g] = [directions(xt, "s"), directions(y, "g")];
      const pulled = pullback(push, xt, g);
      agreeForms(pulled, xt, "the cotangents");
      agreeInner([g, tangent(push, xt, s)], [pulled, s], c.precision.same, "⟨g, D(J·t)·s⟩ against its transpose", !c.smooth);
    },
  },

  "vjp of vjp: reverse over reverse": {
    applies: isSmooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const gradient = backwards(f, x.length);
      const xg = [...x, ...directions(y, "g")];
      const [s, w] = [directions(xg, "s"), directions(x, "w")];
      const [out, pull] = vjp(gradient, ...xg);
      agreeAll(out, gradient(...xg), c.precision.same, "the result");
      const pulled = pull(w);
      agreeForms(pulled, xg, "the cotangents");
      agreeInner([w, tangent(gradient, xg, s)], [pulled, s], c.precision.same, "⟨w, D(Jᵀ·g)·s⟩ against its transpose", !c.smooth);
    },
  },

  "third order: jvp of jvp of vjp": {
    applies: (c) => dense(c) && c.smooth,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const gradient = backwards(f, x.length);
      const twice = forwards(gradient, x.length + y.length);
      const xg = [...x, ...directions(y, "g")];
      const point = [...xg, ...directions(xg, "t")];
      const s = directions(point, "s");
      agreeDerivative(c, twice, point, s, tangent(twice, point, s), "against differences of the second derivative");
    },
  },

  "jacfwd is jacrev, vectorised or not": {
    applies: dense,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const argnums = x.map((_, i) => i);
      const t = directions(x, "t");
      const expected = tangent(f, x, t);
      const ways = {
        jacfwd: jacfwd(f, { argnums }),
        jacrev: jacrev(f, { argnums }),
        jacobian: jacobian(f, { argnums }),
        "jacfwd by columns": jacfwd(f, { argnums, vectorize: false }),
        "jacrev by rows": jacrev(f, { argnums, vectorize: false }),
      };
      for (const [name, way] of Object.entries(ways)) {
        const blocks = way(...x) as unknown as NDArray[][];
        blocks.forEach((row, o) => {
          const forms = x.map((point) =>
            y[o].expandDims(point.shape.map((_, axis) => y[o].ndim + axis)).broadcastTo([...y[o].shape, ...point.shape]),
          );
          agreeForms(row, forms, name);
          agree(applied(row, x, t), expected[o], c.precision.same, `${name}, result ${o}`);
        });
      }
    },
  },

  "hessian by every strategy, hvp and vhp": {
    applies: (c) => dense(c) && c.example(0).reduce((n, x) => n + x.size, 0) <= 16,
    check(c) {
      const part = smoothPart(c);
      const { x } = part;
      const f = scalar(part);
      const t = directions(x, "t");
      const argnums = x.map((_, i) => i);
      const [, product] = hvp(f, [...x], [...t]);
      const gradient: Arrays = (...point) =>
        pullback((...own) => [f(...own)], point, [
          f(...point)
            .mul(0)
            .add(1),
        ]);
      if (c.smooth) agreeDerivative(c, gradient, x, t, product, "hvp against differences of the gradient");
      agreeAll(vhp(f, [...x], [...t])[1], product, c.precision.same, "vhp against hvp");
      for (const outerStrategy of ["forward", "reverse"] as const)
        for (const innerStrategy of ["forward", "reverse"] as const) {
          const blocks = hessian(f, { argnums, outerStrategy, innerStrategy })(...x) as unknown as NDArray[][];
          blocks.forEach((row, i) =>
            agree(applied(row, x, t), product[i], c.precision.same, `${outerStrategy} over ${innerStrategy}, row ${i}`),
          );
        }
    },
  },
} satisfies Record<string, Identity>;
