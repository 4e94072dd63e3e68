import { type NDArray, stack } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import type { Case } from "./case.js";
import { directions } from "./compare.js";
import { always } from "./identities/identity.js";
import { type Arrays, backwards, forwards, isSmooth, pullback, type Smooth, smoothPart } from "./smooth.js";

/** A transformation of a case, or one inside of the other, whose results are compared where they can be computed in two ways. */
export interface Composition {
  readonly applies: (c: Case) => boolean;
  readonly compute: (c: Case) => readonly NDArray[];
}

const lanes = [0, 1, 2];

const tangents = (x: readonly NDArray[]): NDArray[] => directions(x, "t");
const cotangents = (y: readonly NDArray[]): NDArray[] => directions(y, "g");

/** A composition of what can be differentiated. */
const smooth = (compute: (part: Smooth) => readonly NDArray[]): Composition => ({
  applies: isSmooth,
  compute: (c) => compute(smoothPart(c)),
});

/** One direction for each lane. */
type Many = (one: readonly NDArray[], seed: string) => NDArray[];

/** The same for all lanes: the floating operands are mapped, at an axis. */
const lanewise = (axis: number, compute: (part: Smooth, xs: NDArray[], many: Many) => readonly NDArray[]): Composition => ({
  applies: isSmooth,
  compute(c) {
    const part = smoothPart(c);
    const many: Many = (one, seed) => {
      const rows = lanes.map((k) => directions(one, `${seed}${k}`));
      return one.map((_, i) =>
        stack(
          rows.map((row) => row[i]),
          axis,
        ),
      );
    };
    return compute(
      part,
      part.active.map((i) => c.batch(lanes, i, axis)),
      many,
    );
  },
});

/** (x, v) ↦ the derivative of g, one of forwards or backwards, by a vector t. */
const pushed = (g: Arrays, xv: readonly NDArray[]): readonly NDArray[] => jvp(g, [...xv], directions(xv, "s"))[1];
const pulled = (g: Arrays, xv: readonly NDArray[]): readonly NDArray[] => pullback(g, xv, directions(g(...xv), "w"));

export const compositions = {
  value: { applies: always, compute: (c) => c.f(...c.example(0)) },
  jvp: smooth(({ f, x }) => jvp(f, [...x], tangents(x)).flat()),
  vjp: smooth(({ f, x, y }) => pullback(f, x, cotangents(y))),
  vmap: { applies: always, compute: (c) => vmap(c.f)(...c.example(0).map((_, i) => c.batch(lanes, i, 0))) as NDArray[] },
  "jvp of jvp": smooth(({ f, x }) => pushed(forwards(f, x.length), [...x, ...tangents(x)])),
  "jvp of vjp": smooth(({ f, x, y }) => pushed(backwards(f, x.length), [...x, ...cotangents(y)])),
  "vjp of jvp": smooth(({ f, x }) => pulled(forwards(f, x.length), [...x, ...tangents(x)])),
  "vjp of vjp": smooth(({ f, x, y }) => pulled(backwards(f, x.length), [...x, ...cotangents(y)])),
  "vmap of jvp": lanewise(0, ({ f, x }, xs, many) => vmap(forwards(f, x.length))(...xs, ...many(x, "t")) as NDArray[]),
  "vmap of vjp": lanewise(0, ({ f, x, y }, xs, many) => vmap(backwards(f, x.length))(...xs, ...many(y, "g")) as NDArray[]),
  "jvp of vmap": lanewise(-1, ({ f, x }, xs, many) => jvp(vmap(f, { inAxes: -1, outAxes: -1 }) as Arrays, xs, many(x, "t"))[1]),
  "vjp of vmap": lanewise(0, ({ f, y }, xs, many) => pullback(vmap(f) as Arrays, xs, many(y, "g"))),
} satisfies Record<string, Composition>;
