import { type NDArray, stack } from "@ad/core";
import { batchJvp, batchVjp, jvpMany, vjpMany } from "@ad/functional";
import type { Case } from "../case.js";
import { agreeAll, directions } from "../compare.js";
import { isSmooth, pullback, smoothPart, tangent } from "../smooth.js";
import type { Identity } from "./identity.js";

const all = [0, 1, 2];
const dense = (c: Case): boolean => isSmooth(c) && c.layout === "dense";
const stacked = (rows: readonly (readonly NDArray[])[]): NDArray[] => rows[0].map((_, i) => stack(rows.map((row) => row[i])));

export const products = {
  "jvpMany and vjpMany are loops over directions": {
    applies: dense,
    check(c) {
      const { f, x, y } = smoothPart(c);
      const [ts, gs] = [all.map((k) => directions(x, `t${k}`)), all.map((k) => directions(y, `g${k}`))];
      const [out, pushed] = jvpMany(f, [...x], stacked(ts));
      agreeAll(out, y, 0, "jvpMany's result");
      agreeAll(pushed, stacked(ts.map((t) => tangent(f, x, t))), c.precision.same, "jvpMany");
      const [again, pulled] = vjpMany(f, [...x], stacked(gs));
      agreeAll(again, y, 0, "vjpMany's result");
      agreeAll(pulled, stacked(gs.map((g) => pullback(f, x, g))), c.precision.same, "vjpMany");
    },
  },

  "batchJvp and batchVjp are loops over points": {
    applies: dense,
    check(c) {
      const parts = all.map((k) => smoothPart(c, k));
      const [{ f, x, y }] = parts;
      const points = parts.map((part) => part.x);
      const [ts, gs] = [all.map((k) => directions(x, `t${k}`)), all.map((k) => directions(y, `g${k}`))];
      const outs = stacked(points.map((point) => f(...point)));
      const [out, pushed] = batchJvp(f, stacked(points), stacked(ts));
      agreeAll(out, outs, c.precision.same, "batchJvp's results");
      agreeAll(pushed, stacked(points.map((point, k) => tangent(f, point, ts[k]))), c.precision.same, "batchJvp");
      const [again, pulled] = batchVjp(f, stacked(points), stacked(gs));
      agreeAll(again, outs, c.precision.same, "batchVjp's results");
      agreeAll(pulled, stacked(points.map((point, k) => pullback(f, point, gs[k]))), c.precision.same, "batchVjp");
    },
  },
} satisfies Record<string, Identity>;
