import { array, cond, foriLoop, grad, type NDArray, scan, stack, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { jacfwd, jvpMany } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { type GraphEquation, type GraphProgram, graph, jit } from "../../src/index.js";

/** The equations of a program and of all that it holds. */
const throughout = ({ equations }: GraphProgram): GraphEquation[] =>
  equations.flatMap((equation) => [equation, ...equation.programs.flatMap(throughout)]);
const named = (program: GraphProgram, name: string): GraphEquation[] => throughout(program).filter(({ operation }) => operation === name);
/** The number of axes of each result. */
const ndims = ({ outputs }: GraphEquation): number[] => outputs.map(({ shape }) => shape.length);

const xs = array([0.3, -0.7, 1.2]);
type State = [NDArray, NDArray, NDArray];

test("of a while, what differs among lanes has an axis of lanes, and no lane is held where all end together", () => {
  const own = (x: NDArray): State =>
    whileLoop(
      ([k]) => k.less(4),
      ([k, c, y]: State): State => [k.add(1), c.mul(0.5).sin(), y.mul(c).add(x)],
      [array(0), array(1.5), array(0.2)] as State,
    );
  const program = graph(vmap(own))(xs);
  const [loop] = named(program, "whileLoop");
  expect(ndims(loop)).toEqual([0, 0, 1]);
  expect(named(program, "select")).toEqual([]);
});

test("where lanes end at different turns, what no turn changes is still the same in all", () => {
  const own = (x: NDArray): State =>
    whileLoop(
      ([k]) => k.less(4),
      ([k, c, y]: State): State => [k.add(c), c, y.add(1)],
      [x, array(1.5), array(0.2)] as State,
    );
  const [loop] = named(graph(vmap(own))(xs), "whileLoop");
  expect(ndims(loop)).toEqual([1, 0, 1]);
});

test("of a scan, what differs among lanes has an axis of lanes, of the state and of what is stacked", () => {
  const own = (x: NDArray): unknown =>
    scan(
      ([c, y]: [NDArray, NDArray], row: NDArray) => [[c.mul(row).sin(), y.add(x)] as [NDArray, NDArray], [c, y]],
      [array(0.5), array(0.1)] as [NDArray, NDArray],
      array([1, 2, 3, 4]),
    )[1];
  const [loop] = named(graph(vmap(own as (x: NDArray) => NDArray))(xs), "scan");
  expect(ndims(loop)).toEqual([0, 1, 1, 2]);
});

test("the way back through a while carries for each lane what is its own", () => {
  const c = array([0.4, 0.8]);
  const own = (x: NDArray): NDArray =>
    grad(
      (c: NDArray) =>
        whileLoop(
          ([k]) => k.less(4),
          ([k, c, y]: State): State => [k.add(1), c.mul(0.5).sin(), y.mul(x).add(c.sum())],
          [array(0), c, array(0.2)] as State,
        )[2],
    )(c);
  const loops = named(graph(vmap(own))(xs), "whileLoop");
  // The cotangent of c alone: c is the same in all lanes.
  expect(loops.map(({ inputs }) => inputs.filter(({ shape }) => shape.length === 2).length)).toEqual([1]);
});

test("a branch of a loop that all lanes take together stays one, of every order of tangents", () => {
  const own = (x: NDArray): NDArray =>
    foriLoop(
      0,
      5,
      (_, y: NDArray) =>
        cond(
          y.sum().greater(1),
          (y: NDArray) => y.mul(0.5).sin(),
          (y: NDArray) => y.mul(1.5).cos(),
          y,
        ),
      x,
    );
  const third = jacfwd(jacfwd(jacfwd(own)));
  expect(named(graph(third)(xs), "cond").length).toBe(1);
  const [wanted, found] = [third(xs), jit(third)(xs)].map((y) => y.ravel().toArray() as number[]);
  found.forEach((y, i) => expect(y).toBeCloseTo(wanted[i], 10));
});

/** Random loops whose state, constants and rows are mapped in part, beside a loop over the lanes. */

let seed = 7;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const below = (n: number): number => Math.floor(random() * n);
const numbers = (...shape: number[]): NDArray =>
  array(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1),
    { shape },
  );

const width = 2;
const lanes = 3;
const turns = 4;
type Step = (scope: readonly NDArray[]) => NDArray;

/** A random value of width numbers, made of some of those in scope. */
function stepOf(depth: number, count: number): Step {
  const at = below(count);
  if (depth === 0) return (scope) => scope[at];
  const [x, y, z] = Array.from({ length: 3 }, () => stepOf(depth - 1, count));
  const inner = stepOf(depth - 1, count + 1);
  const forms: readonly Step[] = [
    (s) => x(s).mul(y(s)),
    (s) => x(s).add(y(s)).sin(),
    (s) => x(s).sub(0.3).tanh(),
    (s) =>
      cond(
        x(s).sum().greater(0.1),
        (a: NDArray, b: NDArray) => a.mul(b),
        (a: NDArray) => a.cos(),
        y(s),
        z(s),
      ),
    (s) => foriLoop(0, 2, (_, own: NDArray) => inner([...s, own]).tanh(), x(s)),
    (s) => {
      const [a, b] = scan(
        ([a, b]: [NDArray, NDArray], row) => [[inner([...s, a]).sin(), b.mul(row)] as [NDArray, NDArray], b],
        [x(s), y(s)] as [NDArray, NDArray],
        array([0.4, -0.9]),
      );
      return a[0].add(b.sum(0));
    },
  ];
  return forms[below(forms.length)];
}

/** A random loop: of constants, first states and rows it gives all states, and what it stacks. */
function loopOf(count: number): (constants: NDArray, states: readonly NDArray[], rows: NDArray) => NDArray {
  const steps = Array.from({ length: count }, () => (random() < 0.2 ? undefined : stepOf(2, 1 + below(count + 1))));
  const next = (own: readonly NDArray[], c: NDArray): NDArray[] =>
    own.map(
      (x, i) =>
        steps[i]?.([c, ...own])
          .mul(0.7)
          .add(x.mul(0.2)) ?? x,
    );
  const asked = below(count);
  const limit = random();
  const forms: readonly ReturnType<typeof loopOf>[] = [
    (c, states, rows) => {
      const [last, all] = scan((own: NDArray[], row: NDArray) => [next(own, c.mul(row)), own[asked]], [...states], rows);
      return stack([...last, all.sum(0)]);
    },
    (c, states, rows) => stack(foriLoop(0, turns, (_, own: NDArray[]) => next(own, c.add(rows.sum(0))), [...states])),
    (c, states, rows) => {
      const [, last] = whileLoop(
        ([k, own]: [NDArray, NDArray[]]) => k.less(turns).logicalAnd(own[asked].sum().less(limit)),
        ([k, own]: [NDArray, NDArray[]]): [NDArray, NDArray[]] => [k.add(1), next(own, c.add(rows.sum(0)))],
        [array(0), [...states]] as [NDArray, NDArray[]],
      );
      return stack(last);
    },
  ];
  return forms[below(forms.length)];
}

test("random loops over lanes have the values and the derivatives that the lanes have one by one", () => {
  /** Loops of which some results differ among lanes and others do not. */
  let mixed = 0;
  for (let round = 0; round < 25; round++) {
    const count = 1 + below(3);
    const own = loopOf(count);
    const isMapped = Array.from({ length: count + 2 }, () => random() < 0.15);
    isMapped[below(count + 2)] = true;
    const args = isMapped.map((on, i) => numbers(...(on ? [lanes] : []), ...(i === count + 1 ? [turns] : []), width));
    const weights = numbers(count + 1, width);
    const value = (...all: NDArray[]): NDArray => own(all[count], all.slice(0, count), all[count + 1]);
    const loss = (...all: NDArray[]): NDArray => {
      const out = value(...all);
      return out.mul(weights.slice([0, out.shape[0]])).sum();
    };
    const forms = [
      value,
      grad(loss, { argnums: args.map((_, i) => i) }),
      (...all: NDArray[]) =>
        jvp(
          loss,
          all,
          all.map((x) => x.mul(0.3)),
        )[1],
    ] as ((...all: NDArray[]) => NDArray | NDArray[])[];
    const inAxes = isMapped.map((on) => (on ? 0 : null));
    for (const form of forms) {
      const each = Array.from({ length: lanes }, (_, lane) => form(...args.map((x, i) => (isMapped[i] ? x.slice(lane) : x))));
      const wanted = [each[0]].flat().map((_, i) => stack(each.map((out) => [out].flat()[i])));
      for (const run of [jit(vmap(form, { inAxes })), vmap(jit(form), { inAxes })])
        [run(...args)].flat().forEach((out, i) => {
          const found = out.ravel().toArray() as number[];
          const right = wanted[i].ravel().toArray() as number[];
          found.forEach((y, k) => expect(Math.abs(y - right[k]), `round ${round}`).toBeLessThan(1e-9 * Math.max(1, Math.abs(right[k]))));
        });
    }
    const loops = throughout(graph(vmap(value, { inAxes }))(...args)).filter(({ operation }) => /whileLoop|foriLoop|scan/.test(operation));
    const kinds = loops.map(({ outputs }) => new Set(outputs.map(({ shape }) => shape.includes(lanes))).size);
    mixed += kinds.filter((n) => n === 2).length;
  }
  expect(mixed).toBeGreaterThan(5);
});

test("many tangents through a loop are those of each alone, of values that are the same in all", () => {
  const own = (x: NDArray): NDArray =>
    whileLoop(
      ([k, y]) => y.square().sum().less(50).logicalAnd(k.less(20)),
      ([k, y]: [NDArray, NDArray]): [NDArray, NDArray] => [k.add(1), y.mul(1.3).add(x.sin())],
      [array(0), x] as [NDArray, NDArray],
    )[1];
  const tangents = numbers(5, 3);
  const many = (x: NDArray): NDArray => jvpMany(own, [x], [tangents])[1] as NDArray;
  const [loop] = named(graph(many)(xs), "whileLoop");
  // The tangent of k, which is zero, is read by nothing, and not carried.
  expect(ndims(loop)).toEqual([0, 1, 2]);
  const wanted = stack(Array.from(tangents, (t) => jvp(own, [xs], [t])[1]));
  const found = jit(many)(xs).ravel().toArray() as number[];
  (wanted.ravel().toArray() as number[]).forEach((y, i) => expect(found[i]).toBeCloseTo(y, 10));
});

test("many tangents through a cond of several vmaps are those of the same without jit", () => {
  type F = (x: NDArray) => NDArray;
  const x = array([[0.5, -0.6, 1.1]]);
  const branches: Readonly<Record<string, F>> = {
    "one operand": (v) =>
      cond(
        v.greater(0),
        () => v,
        () => v.mul(2),
      ).cos(),
    "a value of around": (v) => {
      const c = v.sin();
      return cond(
        v.greater(0),
        (t: NDArray) => t.mul(c),
        () => c,
        v,
      ).exp();
    },
    "an operand that no branch reads": (v) =>
      cond(
        v.greater(0),
        (_: NDArray) => array(0.3),
        (_: NDArray) => array(0.8),
        v.square(),
      )
        .add(v)
        .cos(),
    "a cond in a cond": (v) =>
      cond(
        v.greater(0),
        (t: NDArray) =>
          cond(
            v.less(1),
            () => t.sin(),
            () => v.mul(0.4),
          ),
        (t: NDArray) => t.mul(2),
        v,
      ).cos(),
    "a loop in a cond": (v) =>
      cond(
        v.greater(0),
        (t: NDArray) =>
          whileLoop(
            (y) => y.less(2),
            (y: NDArray) => y.mul(1.5).add(0.1),
            t,
          ),
        () => v.mul(2),
        v,
      ).cos(),
  };
  const basis = array([[[1, 0, 0]], [[0, 1, 0]], [[0.5, -0.2, 1]]]);
  const tangents =
    (f: F): F =>
    (x) =>
      vmap((t: NDArray) => jvp(f, [x], [t])[1])(basis);
  const ways: Readonly<Record<string, (f: F) => NDArray>> = {
    jacfwd: (f) => jacfwd(f)(x),
    jvp: (f) => tangents(f)(x),
    jvpMany: (f) => jvpMany(f, [x], [basis])[1] as NDArray,
  };
  for (const [branch, f] of Object.entries(branches))
    for (const [way, along] of Object.entries(ways)) {
      const right = along(vmap(vmap(f)))
        .ravel()
        .toArray() as number[];
      for (const own of [jit(vmap(vmap(f))), vmap(jit(vmap(f))), vmap(vmap(jit(f)))])
        (
          along(own as F)
            .ravel()
            .toArray() as number[]
        ).forEach((y, i) => expect(y, `${branch}, ${way}`).toBeCloseTo(right[i], 12));
    }
});
