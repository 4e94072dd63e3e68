import { expectTypeOf } from "vitest";
import {
  array,
  checkpoint,
  cond,
  customJvp,
  customOp,
  customVjp,
  foriLoop,
  type NDArray,
  scan,
  stopGradient,
  switchCase,
  whileLoop,
} from "../../src/index.js";

const x = array([1, 2]);

// An operand that is no array keeps its type, and is passed as it is.
const by = (y: NDArray, k: number, on: boolean, { name, go }: { name: "neg"; go: (z: NDArray) => NDArray }): NDArray =>
  on ? go(y[name]().slice(k)) : y;
const more = { name: "neg", go: (z: NDArray) => z } as const;
expectTypeOf(checkpoint(by)(x, 1, true, more)).toEqualTypeOf<NDArray>();
expectTypeOf(cond(true, by, by, x, 1, true, more)).toEqualTypeOf<NDArray>();
expectTypeOf(switchCase(1, [by, by], x, 1, true, more)).toEqualTypeOf<NDArray>();
expectTypeOf(customOp({ forward: by })(Float64Array.of(1), 1, true, more)).toEqualTypeOf<NDArray>();
customVjp(
  (y: NDArray, k: number) => y.mul(k),
  (y, k) => [y.mul(k), (ct) => [ct.mul(k), null]],
)(x, 2);
customJvp(
  (y: NDArray, k: number) => y.mul(k),
  ([y, k], [t, zero]) => [y.mul(k), t.mul(k).add(zero * 1)],
)(x, 2);

// A number is a weak scalar where the function says NDArray; a boolean is none.
checkpoint((y: NDArray, k: NDArray) => y.mul(k))(x, 2);
cond(
  true,
  (y: NDArray) => y,
  (y) => y,
  2,
);
customOp({ forward: (p: { y: NDArray }) => p.y })({ y: 2 });
// @ts-expect-error a boolean is no NDArray
checkpoint((y: NDArray, on: NDArray) => y.mul(on))(x, true);

// Parameters without a type are what the operands say.
const choices = [
  cond(
    true,
    (y, [p, { s }], on) => (on ? y.add(p).mul(s) : y),
    (y) => y,
    3,
    [x, { s: 2 }] as const,
    true,
  ),
  switchCase(1, [(y, { w, b }) => w.mul(y).add(b ?? 0), (y) => y], 3, { w: x, b: null as NDArray | null }),
];
expectTypeOf(choices).toEqualTypeOf<NDArray[]>();
// @ts-expect-error an object with arrays is no array
switchCase(1, [(p) => p.add(1)], { w: x });

// A list that is written out is a tuple.
const [sum, { k: difference }] = cond(
  true,
  (y: NDArray) => [y.add(1), { k: y }],
  (y) => [y, { k: 1 }],
  x,
);
expectTypeOf([sum, difference]).toEqualTypeOf<NDArray[]>();
const [, [rows, none]] = scan((s, y) => [s.add(y), [y, null]], 0, x);
expectTypeOf(rows).toEqualTypeOf<NDArray>();
expectTypeOf(none).toEqualTypeOf<null>();
expectTypeOf(checkpoint((y: NDArray) => [y, { a: y }])(x)).toEqualTypeOf<[NDArray, { a: NDArray }]>();

const circle = customVjp(
  (y: NDArray) => [y.sin(), y.cos()],
  (y) => [[y.sin(), y.cos()], ([s, c]) => [s.mul(y.cos()).sub(c.mul(y.sin()))]],
);
expectTypeOf(circle(x)).toEqualTypeOf<[NDArray, NDArray]>();

// Results: numbers become arrays, null stays.
expectTypeOf(
  cond(
    true,
    () => x,
    () => 0,
  ),
).toEqualTypeOf<NDArray>();
expectTypeOf(
  cond(
    true,
    () => 0,
    () => x,
  ),
).toEqualTypeOf<NDArray>();
expectTypeOf(
  cond(
    true,
    () => ({ a: 1, b: null }),
    () => ({ a: x, b: null }),
  ),
).toEqualTypeOf<{ a: NDArray; b: null }>();
cond(
  true,
  () => ({ a: x }),
  // @ts-expect-error another form
  () => [x],
);
expectTypeOf(checkpoint((y: NDArray) => [y, null] as const)(x)).toEqualTypeOf<[NDArray, null]>();

expectTypeOf(stopGradient(2)).toEqualTypeOf<NDArray>();
expectTypeOf(stopGradient(x)).toEqualTypeOf<NDArray>();
expectTypeOf(stopGradient([1, 2])).toEqualTypeOf<NDArray>();
expectTypeOf(stopGradient({ a: x, n: 2 })).toEqualTypeOf<{ a: NDArray; n: number }>();

// A list that is written out as the first state is a tuple, to functions that name its parts' types too; what comes back may be written to.
const [q, p] = [x, x];
expectTypeOf(foriLoop(0, 3, (_, [u, v]: [NDArray, NDArray]) => [u.add(v), v], [q, p])).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(
  whileLoop(
    ([u, v]: [NDArray, NDArray]) => u.less(v).all(),
    ([u, v]: [NDArray, NDArray]) => [u.add(v), v],
    [q, p],
  ),
).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(scan(([u, v]: [NDArray, NDArray], y: NDArray) => [[u.add(y), v], v], [q, p], x)[0]).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(foriLoop(0, 3, (_, s) => s, { q, layers: [{ w: 1 }] })).toEqualTypeOf<{ q: NDArray; layers: { w: NDArray }[] }>();
