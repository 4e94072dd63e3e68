import { type NDArray, stack, vjp } from "@ad/core";
import { jvp, pushforward } from "@ad/forward";
import { vmap } from "@ad/vmap";
import type { Case } from "../case.js";
import { agree, agreeAll, directions } from "../compare.js";
import { backwards, forwards, isSmooth, pullback, smoothPart, tangent } from "../smooth.js";
import { always, type Identity } from "./identity.js";

const lanes = 3;
const all = [0, 1, 2];

/** All choices of mapped operands but the empty one. */
export const subsets = (n: number): boolean[][] =>
  Array.from({ length: 2 ** n - 1 }, (_, code) => Array.from({ length: n }, (_, i) => ((code + 1) >> i) % 2 === 1));

/** Places of the batch axis: first, last, and a different one for each operand; `i` counts operands. */
const placings = [
  { in: () => 0, out: () => 0 },
  { in: () => -1, out: () => -1 },
  { in: (i: number, rank: number) => (i + 1) % (rank + 1), out: (rank: number) => 1 % (rank + 1) },
] as const;

/** The results of one example, for each lane. */
type Loop = readonly (readonly NDArray[])[];

const loop = (one: (b: number) => readonly NDArray[]): Loop => all.map(one);

/** Checks each lane of mapped results against one example's. */
function agreeLanes(mapped: readonly NDArray[], axes: readonly number[], each: Loop, c: Case, what: string) {
  const rows = mapped.map((x, i) => x.moveaxis(axes[i], 0));
  each.forEach((expected, b) => {
    agreeAll(
      rows.map((x) => x.slice(b)),
      expected,
      c.precision.same,
      `${what}, lane ${b}`,
    );
  });
}

const describe = (subset: readonly boolean[], axis: string): string =>
  `operands ${subset.flatMap((mapped, i) => (mapped ? [i] : [])).join(", ")} mapped, axes ${axis}`;

/** Arrays of several examples stacked, and their parts: for tangents and cotangents. */
const stacked = (rows: readonly (readonly NDArray[])[]): NDArray[] => rows[0].map((_, i) => stack(rows.map((row) => row[i])));

export const batch = {
  "vmap is the loop": {
    applies: always,
    check(c) {
      const examples = all.map((k) => c.example(k));
      const [operands] = examples;
      const ranks = c.f(...operands).map((y) => y.ndim);
      for (const subset of subsets(operands.length)) {
        const each = loop((b) => c.f(...operands.map((x, i) => (subset[i] ? examples[b][i] : x))));
        placings.forEach((placing, p) => {
          const axes = operands.map((x, i) => (subset[i] ? placing.in(i, x.ndim) : null));
          const outAxes = ranks.map((rank) => placing.out(rank));
          const args = operands.map((x, i) => (axes[i] === null ? x : c.batch(all, i, axes[i])));
          const mapped = vmap(c.f, { inAxes: axes, outAxes })(...args);
          agreeLanes(mapped as NDArray[], outAxes, each, c, describe(subset, String(p)));
        });
      }
    },
  },

  "vmap over no examples gives none": {
    applies: (c) => c.layout === "dense",
    check(c) {
      const operands = c.example(0);
      const none = operands.map((_, i) => c.batch(all, i, 0).slice([0, 0]));
      const expected = vmap(c.f)(...operands.map((_, i) => c.batch([0], i, 0))) as NDArray[];
      agreeAll(
        vmap(c.f)(...none) as NDArray[],
        expected.map((y) => y.slice([0, 0])),
        0,
        "an empty batch",
      );
    },
  },

  "vmap of vmap is the double loop": {
    applies: always,
    check(c) {
      const [outer, inner] = [2, 3];
      const examples = Array.from({ length: outer * inner }, (_, k) => c.example(k));
      const [operands] = examples;
      // Operand i: mapped by both, or (from the second operand on, in the second round) by one of the two only.
      for (const split of operands.length > 1 ? [false, true] : [false]) {
        const byOuter = operands.map((_, i) => !split || i % 2 === 0);
        const byInner = operands.map((_, i) => !split || i % 2 === 1);
        const kOf = (o: number, n: number, i: number): number => (byOuter[i] ? o : 0) * inner + (byInner[i] ? n : 0);
        const args = operands.map((_, i) => {
          const rows = Array.from({ length: byOuter[i] ? outer : 1 }, (_o, o) => {
            const row = Array.from({ length: byInner[i] ? inner : 1 }, (_n, n) => kOf(o, n, i));
            return byInner[i] ? c.batch(row, i, -1) : examples[row[0]][i];
          });
          return byOuter[i] ? stack(rows, 0) : rows[0];
        });
        const twice = vmap((...rows: NDArray[]) => vmap(c.f, { inAxes: byInner.map((on) => (on ? -1 : null)), outAxes: -1 })(...rows), {
          inAxes: byOuter.map((on) => (on ? 0 : null)),
          outAxes: 0,
        })(...args) as NDArray[];
        for (let o = 0; o < outer; o++)
          for (let n = 0; n < inner; n++) {
            const expected = c.f(...operands.map((_, i) => examples[kOf(o, n, i)][i]));
            agreeAll(
              twice.map((y) => y.slice(o).moveaxis(-1, 0).slice(n)),
              expected,
              c.precision.same,
              `lane ${o}, ${n}${split ? ", operands split" : ""}`,
            );
          }
      }
    },
  },

  "vmap of jvp is the loop": {
    applies: isSmooth,
    check(c) {
      const parts = all.map((k) => smoothPart(c, k));
      const [{ f, x, active }] = parts;
      const tangents = all.map((k) => directions(x, `t${k}`));
      const [xs, ts] = [active.map((i) => c.batch(all, i, 0)), stacked(tangents)];
      const push = forwards(f, x.length);
      const n = x.length;
      const run = (mapX: boolean, mapT: boolean): NDArray[] =>
        vmap(push, { inAxes: Array.from({ length: 2 * n }, (_, i) => ((i < n ? mapX : mapT) ? 0 : null)) })(
          ...(mapX ? xs : x),
          ...(mapT ? ts : tangents[0]),
        ) as NDArray[];
      for (const [mapX, mapT] of [
        [true, true],
        [true, false],
        [false, true],
      ]) {
        const out = run(mapX, mapT);
        const zero = out.map(() => 0);
        const each = loop((b) => push(...parts[mapX ? b : 0].x, ...tangents[mapT ? b : 0]));
        agreeLanes(out, zero, each, c, `points ${mapX}, tangents ${mapT}`);
      }
    },
  },

  "vmap of vjp is the loop": {
    applies: isSmooth,
    check(c) {
      const parts = all.map((k) => smoothPart(c, k));
      const [{ f, x, y, active }] = parts;
      const cotangents = all.map((k) => directions(y, `g${k}`));
      const [xs, gs] = [active.map((i) => c.batch(all, i, -1)), stacked(cotangents)];
      const n = x.length;
      const pull = backwards(f, n);
      for (const [mapX, mapG] of [
        [true, true],
        [true, false],
        [false, true],
      ]) {
        const inAxes = [...x.map(() => (mapX ? -1 : null)), ...y.map(() => (mapG ? 0 : null))];
        const out = vmap(pull, { inAxes })(...(mapX ? xs : x), ...(mapG ? gs : cotangents[0])) as NDArray[];
        agreeLanes(
          out,
          out.map(() => 0),
          loop((b) => pull(...parts[mapX ? b : 0].x, ...cotangents[mapG ? b : 0])),
          c,
          `points ${mapX}, cotangents ${mapG}`,
        );
      }
    },
  },

  "vmap of a pullback, and of a pushforward, is the loop": {
    applies: (c) => isSmooth(c) && c.layout === "dense",
    check(c) {
      const { f, x, y } = smoothPart(c);
      const [ts, gs] = [all.map((k) => directions(x, `t${k}`)), all.map((k) => directions(y, `g${k}`))];
      const [, pull] = vjp(f, ...x);
      const [, push] = pushforward(f, ...x);
      const pulled = vmap((...g: NDArray[]) => pull(g))(...stacked(gs));
      const pushed = vmap((...t: NDArray[]) => push(t))(...stacked(ts));
      const zeros = (like: readonly NDArray[]): number[] => like.map(() => 0);
      agreeLanes(
        pulled,
        zeros(x),
        loop((b) => pullback(f, x, gs[b])),
        c,
        "pullback",
      );
      agreeLanes(
        pushed,
        zeros(y),
        loop((b) => tangent(f, x, ts[b])),
        c,
        "pushforward",
      );
    },
  },

  "jvp of vmap is the loop": {
    applies: isSmooth,
    check(c) {
      const parts = all.map((k) => smoothPart(c, k));
      const [{ f, x, active, y }] = parts;
      const tangents = all.map((k) => directions(x, `t${k}`));
      const primals = loop((b) => f(...parts[b].x));
      const slopes = loop((b) => tangent(f, parts[b].x, tangents[b]));
      for (const axis of [0, -1]) {
        const mapped = vmap(f, { inAxes: axis, outAxes: axis });
        const xs = active.map((i) => c.batch(all, i, axis));
        const ts = x.map((_, i) =>
          stack(
            tangents.map((row) => row[i]),
            axis,
          ),
        );
        const [out, pushed] = jvp(mapped as (...own: NDArray[]) => NDArray[], xs, ts);
        agreeLanes(
          out,
          y.map(() => axis),
          primals,
          c,
          `primals, axis ${axis}`,
        );
        agreeLanes(
          pushed,
          y.map(() => axis),
          slopes,
          c,
          `tangents, axis ${axis}`,
        );
      }
    },
  },

  "vjp of vmap is the loop, summed where an operand is not mapped": {
    applies: isSmooth,
    check(c) {
      const parts = all.map((k) => smoothPart(c, k));
      const [{ f, x, active, y }] = parts;
      const cotangents = all.map((k) => directions(y, `g${k}`));
      const gs = stacked(cotangents);
      for (const subset of subsets(x.length)) {
        const mapped = vmap(f, { inAxes: subset.map((on) => (on ? 0 : null)) }) as (...own: NDArray[]) => NDArray[];
        const xs = x.map((point, i) => (subset[i] ? c.batch(all, active[i], 0) : point));
        const [out, pull] = vjp(mapped, ...xs);
        const points = all.map((b) => x.map((point, i) => (subset[i] ? parts[b].x[i] : point)));
        agreeLanes(
          out,
          y.map(() => 0),
          loop((b) => f(...points[b])),
          c,
          describe(subset, "0"),
        );
        const each = all.map((b) => pullback(f, points[b], cotangents[b]));
        pull(gs).forEach((ct, i) => {
          const expected = stack(each.map((row) => row[i]));
          agree(ct, subset[i] ? expected : expected.sum(0), lanes * c.precision.same, `${describe(subset, "0")}: cotangent ${i}`);
        });
      }
    },
  },
} satisfies Record<string, Identity>;
