import {
  array,
  checkpoint,
  cond,
  foriLoop,
  grad,
  type NDArray,
  ones,
  ShapeError,
  safeWhere,
  scan,
  stack,
  switchCase,
  TreeError,
  vjp,
  whileLoop,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { vmap } from "../src/index.js";

type Scalar = (x: NDArray) => NDArray;

/** Functions of one number, and lanes of which each is finite by itself, but not where it goes another one's way. */
const programs: Record<string, [f: Scalar, lanes: readonly number[]]> = {
  "cond, by closure": [
    (x) =>
      cond(
        x.greater(0),
        () => x.log(),
        () => x.neg(),
      ),
    [0, -1, 4],
  ],
  "cond, by operand": [
    (x) =>
      cond(
        x.greater(0),
        (y) => y.log(),
        (y) => y.neg(),
        x,
      ),
    [0, -1, 4],
  ],
  "cond, one way for all": [
    (x) =>
      cond(
        x.greater(0),
        (y) => y.log(),
        (y) => y.neg(),
        x,
      ),
    [3, 1, 4],
  ],
  "cond, all lanes equal": [
    (x) =>
      cond(
        x.greater(0),
        () => x.log(),
        () => x.neg(),
      ),
    [2, 2, 2],
  ],
  "cond, a value that is no predicate by itself": [
    (x) =>
      cond(
        x,
        () => x.reciprocal(),
        () => x.add(1),
      ),
    [0, 2, -3],
  ],
  "cond, a root at 0 in the branch not taken": [
    (x) =>
      cond(
        x.equal(0),
        (y) => y.mul(3),
        (y) => y.sqrt(),
        x,
      ),
    [0, 4, 9],
  ],
  "cond, a division by zero in the branch not taken": [
    (x) =>
      cond(
        x.equal(1),
        () => x.square(),
        () => x.sub(1).reciprocal(),
      ),
    [1, 3, 0],
  ],
  "cond, of what is computed outside": [
    (x) => {
      const y = x.square();
      return cond(
        x.less(1),
        () => y.add(x),
        () => y.sub(1).log().mul(y),
      );
    },
    [1.5, 0.5, -1],
  ],
  "cond inside of cond": [
    (x) =>
      cond(
        x.greater(0),
        (y) =>
          cond(
            y.greater(1),
            (_) => y.sub(1).sqrt(),
            (z) => z.log(),
            y,
          ),
        (y) => y.square(),
        x,
      ),
    [-2, 0.5, 3, 0, 1],
  ],
  "cond of a result that a constant is": [
    (x) =>
      cond(
        x.less(0),
        () => array(7),
        () => x.sqrt(),
      ),
    [-1, 4, 9],
  ],
  switchCase: [
    (x) => switchCase(x.round().astype("int32"), [(y) => y.square(), (y) => y.log(), (y) => y.sub(1).sqrt()], x),
    [0, 1, 2, -3, 7],
  ],
  "an index that is out of range in other lanes": [
    (x) =>
      cond(
        x.less(2.5),
        () => array([1, 2, 4]).take(x.astype("int32")).mul(x),
        () => x.square(),
      ),
    [0.5, 5, 1.5, 100],
  ],
  "whileLoop, of different trip counts": [
    (x) =>
      whileLoop(
        (y) => y.less(100),
        (y) => y.mul(x),
        x,
      ),
    [3, 2, 200, 9.5],
  ],
  "whileLoop, all lanes equal": [
    (x) =>
      whileLoop(
        (y) => y.less(100),
        (y) => y.mul(x),
        x,
      ),
    [3, 3],
  ],
  "whileLoop, dividing by zero if it went on": [
    (x) =>
      whileLoop(
        ({ n }) => n.greater(0),
        ({ n, y }) => ({ n: n.sub(1), y: y.add(x.div(n)) }),
        { n: x, y: x },
      ).y,
    [0, 1, 3, 2],
  ],
  "whileLoop, a root of what is 0 in the end": [
    (x) =>
      whileLoop(
        ({ n }) => n.greater(0.5),
        ({ n, y }) => ({ n: n.sub(1), y: y.add(n.sqrt()).mul(x) }),
        { n: x.floor(), y: x },
      ).y,
    [0.3, 1.2, 3.1],
  ],
  "Newton's iteration": [
    (x) =>
      whileLoop(
        (y) => y.mul(y).sub(x).abs().greater(1e-13),
        (y) => y.add(x.div(y)).div(2),
        x,
      ),
    [2, 1, 1.5],
  ],
  "foriLoop, bounds that differ": [(x) => foriLoop(0, x.astype("int32"), (i, y) => y.mul(x).add(i), x), [0.5, 3.2, 1.7]],
  "foriLoop from bounds that differ": [(x) => foriLoop(x.astype("int32"), 3, (i, y: NDArray) => y.add(x.div(i)), x), [1.5, 3.2, 2.7]],
  "foriLoop, one count for all": [(x) => foriLoop(1, 4, (i, y) => y.sin().mul(i).add(x), x), [0.5, 3.2]],
  scan: [
    (x) => {
      const [last, ys] = scan((s, row: NDArray) => [s.mul(row).add(x), s.sin()], x, stack([x, x.square(), x.exp()]));
      return last.add(ys.sum());
    },
    [0.5, -0.3],
  ],
  "cond inside of scan": [
    (x) =>
      scan(
        (s, row: NDArray) => [
          cond(
            s.greater(row),
            () => s.sub(row).log(),
            () => s.mul(row),
          ),
          s,
        ],
        x,
        array([0.5, 2, -1]),
      )[0],
    [0.3, 3, 1],
  ],
  "whileLoop inside of cond": [
    (x) =>
      cond(
        x.greater(1),
        () =>
          whileLoop(
            (y) => y.less(50),
            (y) => y.mul(x),
            x,
          ),
        () => x.square(),
      ),
    // At 0.5 and at 1 the loop would not end.
    [0.5, 3, 1, 2],
  ],
  "cond inside of whileLoop": [
    (x) =>
      whileLoop(
        ({ n }) => n.less(3),
        ({ n, y }) => ({
          n: n.add(1),
          y: cond(
            y.greater(1),
            () => y.sub(1).log().exp(),
            () => y.add(x),
          ),
        }),
        { n: 0, y: x },
      ).y,
    [0.5, 2.5, 1],
  ],
  "a gradient inside of a branch": [
    (x) =>
      cond(
        x.greater(0),
        () => grad((y: NDArray) => y.log().mul(x))(x.square()),
        () => x.square(),
      ),
    [0, 2, -1],
  ],
  "a branch inside of a gradient inside of a branch": [
    (x) =>
      cond(
        x.greater(0),
        () =>
          grad((y) =>
            cond(
              y.greater(2),
              () => y.sub(2).sqrt(),
              () => y.pow(3),
            ),
          )(x),
        () => x,
      ),
    [-1, 1, 3, 0],
  ],
  "a batch inside of a branch": [
    (x) =>
      cond(
        x.greater(0),
        () => vmap((y: NDArray) => y.mul(x).log())(array([1, 2])).sum(),
        () => x,
      ),
    [0, 3, -2],
  ],
  safeWhere: [(x) => safeWhere(x.greater(0), (y) => y.sqrt(), x, 0), [0, 4, -1]],
};

const values = (rows: readonly NDArray[]): number[] => rows.map((row) => row.item() as number);

describe.each(Object.entries(programs))("%s", (_, [f, lanes]) => {
  const xs = array(lanes as number[]);
  const weights = array(lanes.map((_lane, i) => i - 0.7));
  const loop = (g: Scalar): number[] => values(lanes.map((x) => g(array(x))));
  const derivatives = loop(grad(f));
  const weighted = derivatives.map((d, i) => d * (i - 0.7));

  test("is finite in every lane by itself", () => {
    for (const g of [f, grad(f), grad(grad(f))]) expect(loop(g).every(Number.isFinite)).toBe(true);
  });
  test("values", () => expectClose(vmap(f)(xs), loop(f)));
  test("gradients of the lanes", () => expectClose(vmap(grad(f))(xs), derivatives));
  test("the gradient of the batch", () => {
    expectClose(grad((x) => vmap(f)(x).mul(weights).sum())(xs), weighted);
    const [out, pull] = vjp(vmap(f), xs);
    expectClose(out, loop(f));
    expectClose(pull(weights)[0], weighted);
  });
  test("second derivatives, in every order", () => {
    const second = loop(grad(grad(f)));
    const total = (g: Scalar): Scalar => grad((x) => vmap(g)(x).sum());
    expectClose(vmap(grad(grad(f)))(xs), second, 11);
    expectClose(total(grad(f))(xs), second, 11);
    expectClose(grad((x) => total(f)(x).sum())(xs), second, 11);
  });
  test("without lanes", () => {
    expect(vmap(f)(zeros([0])).shape).toEqual([0]);
    expect(vmap(grad(f))(zeros([0])).shape).toEqual([0]);
    expect(grad((x) => vmap(f)(x).sum())(zeros([0])).shape).toEqual([0]);
  });
  test("nested, the lanes of both batches differ", () => {
    const grid = stack([xs, xs.flip(), xs]);
    const expected = [loop(f), loop(f).reverse(), loop(f)];
    const slopes = [derivatives, [...derivatives].reverse(), derivatives];
    expectClose(vmap(vmap(f))(grid), expected);
    expectClose(vmap(vmap(grad(f)))(grid), slopes);
    expectClose(vmap(grad((x) => vmap(f)(x).sum()))(grid), slopes);
    expectClose(grad((x) => vmap(vmap(f))(x).sum())(grid), slopes);
  });
  test("nested, the lanes of one batch differ", () => {
    const factors = array([1, 2]);
    const outer = loop(f).map((y) => [y, 2 * y]);
    const slopes = derivatives.map((y) => [y, 2 * y]);
    const byOuter = (g: Scalar) => vmap((x: NDArray) => vmap((k: NDArray) => g(x).mul(k))(factors));
    const byInner = (g: Scalar) => vmap((k: NDArray) => vmap((x: NDArray) => g(x).mul(k))(xs));
    for (const [g, expected] of [
      [f, outer],
      [grad(f), slopes],
    ] as const) {
      expectClose(byOuter(g)(xs), expected);
      expectClose(byInner(g)(factors).T, expected);
    }
    expectClose(
      grad((x) => byOuter(f)(x).sum())(xs),
      slopes.map(([a, b]) => a + b),
    );
    expectClose(
      vmap(grad((x: NDArray) => vmap((k: NDArray) => f(x).mul(k))(factors).sum()))(xs),
      slopes.map(([a, b]) => a + b),
    );
  });
  test("in chunks", () => expectClose(vmap(grad(f), { chunkSize: 2 })(xs), derivatives));
});

describe("cond of trees, arrays and constants", () => {
  const xs = array([
    [1, 4],
    [0, -1],
  ]);
  test("arrays in a branch", () => {
    const f = (x: NDArray): NDArray =>
      cond(
        x.min().greater(0),
        () => x.log(),
        () => x.mul(x),
      );
    expectClose(vmap(f)(xs), [
      [0, Math.log(4)],
      [0, 1],
    ]);
    expectClose(vmap(grad((x) => f(x).sum()))(xs), [
      [1, 0.25],
      [0, -2],
    ]);
  });
  test("trees of results", () => {
    const f = (x: NDArray) =>
      cond(
        x.sum().greater(0),
        (y) => ({ a: y, b: [y.sum().log()] as const }),
        (y) => ({ a: y.neg(), b: [array(0)] as const }),
        x,
      );
    const { a, b } = vmap(f)(xs);
    expect(a.toArray()).toEqual([
      [1, 4],
      [-0, 1],
    ]);
    expectClose(b[0], [Math.log(5), 0]);
  });
  test("an operand that is not mapped", () => {
    const f = (w: NDArray, x: NDArray): NDArray =>
      cond(
        x.greater(0),
        (v) => v.div(x),
        (v) => v.mul(x),
        w,
      );
    const at = array([2, 0, -1]);
    const total = (w: NDArray): NDArray => vmap(f, { inAxes: [null, 0] })(w, at).sum();
    expect(grad(total)(array(3)).item()).toBe(-0.5);
    expect(vmap(grad(f), { inAxes: [null, 0] })(array(3), at).toArray()).toEqual([0.5, 0, -1]);
  });
  test("a branch in a branch, with what the lanes share", () => {
    const f = (w: NDArray, x: NDArray): NDArray =>
      cond(
        x.greater(0),
        (y: NDArray) =>
          cond(
            y.greater(1),
            (z) => z.sub(1).mul(w).log(),
            (z) => z.mul(w).log(),
            y,
          ),
        (y) => y.mul(w),
        x,
      );
    const lanes = [-2, 3, 0.5, 0, 1];
    const slopes = lanes.map((x) => grad(f)(array(2), array(x)).item() as number);
    const sum = slopes.reduce((a, b) => a + b);
    const mapped = vmap(f, { inAxes: [null, 0] });
    expectClose(grad((w) => mapped(w, array(lanes)).sum())(array(2)), sum);
    const grid = stack([array(lanes), array(lanes).flip()]);
    expectClose(grad((w) => vmap(mapped, { inAxes: [null, 0] })(w, grid).sum())(array(2)), 2 * sum);
    expectClose(vmap(grad(f), { inAxes: [null, 0] })(array(2), array(lanes)), slopes);
  });
  test("a branch by one batch in a branch by another", () => {
    const f = (w: NDArray, a: NDArray, b: NDArray): NDArray => {
      const product = a.mul(b);
      return cond(
        a.greater(0),
        () =>
          cond(
            b.greater(0),
            () => product.mul(w).log(),
            () => w.mul(b),
          ),
        () => w.mul(a).add(b),
      );
    };
    const [as, bs] = [
      [0, 2, -1],
      [-1, 3, 0],
    ];
    const over = (g: typeof f) =>
      vmap(
        vmap((w: NDArray, a: NDArray, b: NDArray) => g(w, a, b), { inAxes: [null, null, 0] }),
        { inAxes: [null, 0, null] },
      );
    const each = (g: typeof f): number[][] => as.map((a) => bs.map((b) => g(array(5), array(a), array(b)).item() as number));
    const slopes = each((w, a, b) => grad((v) => f(v, a, b))(w));
    expectClose(over(f)(array(5), array(as), array(bs)), each(f));
    expectClose(over(grad(f) as typeof f)(array(5), array(as), array(bs)), slopes);
    const total = grad((w: NDArray) => over(f)(w, array(as), array(bs)).sum());
    expectClose(
      total(array(5)),
      slopes.flat().reduce((x, y) => x + y),
    );
  });
  test("through a checkpoint that closes over lanes", () => {
    const f = (x: NDArray): NDArray =>
      checkpoint((y: NDArray) =>
        cond(
          y.greater(0),
          () => x.log().mul(y),
          () => x,
        ),
      )(x);
    const lanes = array([0, 2, -1]);
    const slopes = [1, 1 + Math.log(2), 1];
    expectClose(vmap(grad(f))(lanes), slopes);
    expectClose(grad((x) => vmap(f)(x).sum())(lanes), slopes);
    const shared = (w: NDArray) =>
      vmap((x: NDArray) =>
        checkpoint((y: NDArray) =>
          cond(
            y.greater(0),
            () => x.mul(w).log(),
            () => w.mul(y),
          ),
        )(x),
      )(lanes).sum();
    expectClose(grad(shared)(array(5)), 0.2 - 1);
  });
  test("each branch is run once, and only where a lane wants it", () => {
    const runs: string[] = [];
    const f = (x: NDArray): NDArray =>
      switchCase(
        x.astype("int32"),
        ["a", "b", "c"].map((name) => (y: NDArray) => {
          runs.push(name);
          return y;
        }),
        x,
      );
    vmap(f)(array([2, 0, 2, 0]));
    expect(runs.sort()).toEqual(["a", "c"]);
  });
  test("branches of other forms or shapes, where lanes differ", () => {
    const f = (other: (x: NDArray) => unknown) => () =>
      vmap((x: NDArray) => cond(x.greater(0), ((y: NDArray) => y) as (y: NDArray) => unknown, other, x) as NDArray)(array([1, -1]));
    fails(
      f((y) => [y]),
      TreeError,
      "cond: the results of onTrue and onFalse differ in form: * and [*]",
    );
    fails(
      f(() => ones([2])),
      ShapeError,
      "cond: the results of onTrue and onFalse differ in shape at $: [] and [2]",
    );
  });
  test("a predicate of one value in each lane", () => {
    fails(
      () =>
        vmap((x: NDArray) =>
          cond(
            x,
            () => 1,
            () => 2,
          ),
        )(xs),
      ShapeError,
      "cond: the predicate has shape [2]",
    );
  });
});

test("a scan without steps, in lanes", () => {
  const [state, ys] = vmap((x: NDArray) => scan((s, row: NDArray) => [s.add(row), s.mul(2)], x, zeros([0])))(array([1, 2]));
  expect([state.toArray(), ys.shape]).toEqual([
    [1, 2],
    [2, 0],
  ]);
});

test("a loop over lanes ends with the last of them", () => {
  let steps = 0;
  vmap((x: NDArray) =>
    whileLoop(
      (y) => y.greater(0),
      (y) => {
        steps++;
        return y.sub(1);
      },
      x,
    ),
  )(array([2, 7, 0]));
  expect(steps).toBe(7);
});

const inLanes: Record<string, (x: NDArray) => NDArray> = {
  cond: (x) =>
    cond(
      x.less(1),
      (y) => y.mul(2),
      (y) => y,
      x,
    ),
  switchCase: (x) => switchCase(x.less(1).astype("int32"), [(y) => y.mul(2), (y) => y], x),
  whileLoop: (x) =>
    whileLoop(
      (y) => y.less(5),
      (y) => y.mul(2).add(1),
      x,
    ),
  foriLoop: (x) => foriLoop(0, x.astype("int32"), (_, y) => y.mul(2), x),
};

test.each(Object.keys(inLanes))("a scan of no steps knows the shapes of lanes of a %s", (name) => {
  const begun = array([0, 0.5]);
  const scanned = (x: NDArray): readonly [NDArray, NDArray] =>
    scan((c: NDArray, _: NDArray): [NDArray, NDArray] => [vmap(inLanes[name])(c), c], x, zeros([0]));
  const [state, ys] = scanned(begun);
  expect([state.toArray(), ys.shape]).toEqual([
    [0, 0.5],
    [0, 2],
  ]);
  expect(grad((x: NDArray) => scanned(x)[0].sum())(begun).toArray()).toEqual([1, 1]);
});

describe("a branch that writes to the operand that it gets", () => {
  type Operand = { x: NDArray };
  const negated = (own: Operand): NDArray => {
    own.x = own.x.neg();
    return own.x;
  };
  const scaled = ({ x }: Operand): NDArray => x.mul(10);
  const ways: Record<string, (x: NDArray, operand: Operand) => NDArray> = {
    cond: (x, operand) => cond(x.greater(0), scaled, negated, operand),
    switchCase: (x, operand) => switchCase(x.greater(0).astype("int32"), [negated, scaled], operand),
  };
  test.each(Object.entries(ways))("%s: neither the other branch nor the caller sees it", (_, way) => {
    const f = (x: NDArray): NDArray => {
      const operand = { x };
      const out = way(x, operand);
      expect(operand.x).toBe(x);
      return out;
    };
    expect(vmap(f)(array([1, -2])).toArray()).toEqual([10, 2]);
    expect(f(array(-2)).item()).toBe(2);
  });
});
