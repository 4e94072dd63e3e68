import { expectClose, fails } from "@ad/expect";
import { describe, expect, it } from "vitest";
import { within } from "../../src/engine/trace.js";
import { array, checkpoint, grad, type NDArray, ShapeError, scan, TransformError, TreeError, valueAndGrad, vjp } from "../../src/index.js";
import { type Entry, Many } from "../../src/reverse/entry.js";
import { Node } from "../../src/reverse/node.js";
import { Tape } from "../../src/reverse/tape.js";

const block = (x: NDArray): NDArray => x.sin().exp().tanh().mul(x);

/** Counts the arrays that the entries of a tape hold for its pullback, without those of calls: reverse/memory.test.ts counts them. */
function held(f: (x: NDArray) => NDArray, at: NDArray): number {
  const tape = new Tape("test");
  const out = within(tape, () => f(tape.input(at)));
  const seen = new Set<Entry>();
  const arrays = new Set<NDArray>();
  const visit = (entry: Entry | undefined): void => {
    if (entry === undefined || seen.has(entry)) return;
    seen.add(entry);
    const [operands, sources] =
      entry instanceof Many
        ? [entry.operands, entry.sources]
        : [
            [entry.x, entry.y],
            [entry.first, entry.second],
          ];
    for (const x of [...operands, entry.out]) if (x !== undefined && x !== at) arrays.add(x);
    for (const source of sources) visit(source);
  };
  if (out instanceof Node) visit(out.entry);
  return arrays.size;
}

describe("checkpoint", () => {
  it("changes neither values nor gradients, of any order", () => {
    const plain = (x: NDArray): NDArray => block(block(x)).sum();
    const saved = (x: NDArray): NDArray => checkpoint(block)(checkpoint(block)(x)).sum();
    const x = array([0.3, -1, 2]);
    const [value, gradient] = valueAndGrad(plain)(x);
    const [again, other] = valueAndGrad(saved)(x);
    expect(again.toArray()).toEqual(value.toArray());
    expectClose(other, gradient.toArray() as number[]);
    const second = (f: (x: NDArray) => NDArray) => grad((y) => grad(f)(y).square().sum())(x).toArray() as number[];
    expectClose(array(second(saved)), second(plain));
  });
  it("keeps the arguments alone on the tape", () => {
    const chain = (f: (x: NDArray) => NDArray) => (x: NDArray) => f(f(f(f(x)))).sum();
    expect(held(chain(block), array([1, 2]))).toBe(11);
    expect(held(chain(checkpoint(block)), array([1, 2]))).toBe(0);
  });
  it("runs f once forward, and once more in each pullback", () => {
    let runs = 0;
    const [, pullback] = vjp(
      checkpoint((x: NDArray) => {
        runs++;
        return x.exp();
      }),
      array([1, 2]),
    );
    expect(runs).toBe(1);
    pullback(array([1, 0]));
    expect(runs).toBe(2);
    pullback(array([0, 1]));
    expect(runs).toBe(3);
  });
  it("differentiates what f closes over", () => {
    const loss = (w: NDArray, x: NDArray): NDArray => checkpoint((y: NDArray) => y.mul(w).sin())(x).sum();
    const plain = (w: NDArray, x: NDArray): NDArray => x.mul(w).sin().sum();
    const at = [array([2, 3]), array([0.5, 0.7])] as const;
    const [gw, gx] = grad(loss, { argnums: [0, 1] })(...at);
    const [pw, px] = grad(plain, { argnums: [0, 1] })(...at);
    expectClose(gw, pw.toArray() as number[]);
    expectClose(gx, px.toArray() as number[]);
    expectClose(grad(loss)(...at), pw.toArray() as number[]);
    const returned = (w: NDArray, x: NDArray): NDArray => checkpoint((_: NDArray) => w)(x.mul(w)).sum();
    expect(grad(returned)(...at).toArray()).toEqual([1, 1]);
  });
  it("takes and gives trees", () => {
    const f = checkpoint(({ a, b }: { a: NDArray; b: NDArray }) => ({ p: a.mul(b), q: [a.add(b)] as const }));
    const g = grad((a: NDArray, b: NDArray) => f({ a, b }).p.add(f({ a, b }).q[0]), { argnums: [0, 1] })(array(3), array(5));
    expect(g.map((x) => x.item())).toEqual([6, 4]);
  });
  it("keeps the states of a scan alone", () => {
    const step = (x: NDArray): [NDArray, []] => [block(x), []];
    const run = (f: typeof step) => (x: NDArray) => scan(f, x, array([0, 0, 0, 0]))[0].sum();
    expect(held(run(checkpoint(step) as never), array(0.5))).toBe(0);
    expect(held(run(step as never), array(0.5))).toBe(11);
  });
  it("passes on what is no array, and gives null where null is", () => {
    const x = array([1, 2, 3]);
    const f = checkpoint((y: NDArray, name: "neg" | "exp", go: (z: NDArray) => NDArray, none: null) => [go(y[name]()), none] as const);
    expect(f(x, "neg", (z) => z.mul(3), null)[0].toArray()).toEqual([-3, -6, -9]);
    expect(f(x, "neg", (z) => z, null)[1]).toBe(null);
    expect(checkpoint(() => null)()).toBe(null);
    class Layer {
      readonly scale = 2;
    }
    const scaled = checkpoint((y: NDArray, layer: Layer) => y.mul(layer.scale));
    expect(grad((y: NDArray) => scaled(y, new Layer()).sum())(x).toArray()).toEqual([2, 2, 2]);
    expect(checkpoint((y: NDArray) => y.mul(2))(Float32Array.of(1)).dtype).toBe("float32");
  });
  it("says that a second run gives something else than the first", () => {
    const twice = (first: (y: NDArray) => unknown, second: (y: NDArray) => unknown) => {
      let runs = 0;
      const f = checkpoint((y: NDArray) => (runs++ === 0 ? first(y) : second(y))) as (y: NDArray) => NDArray | NDArray[];
      return grad((y: NDArray) => [f(y)].flat()[0].sum())(array([1, 2]));
    };
    const same = "let it give the same for the same arguments.";
    fails(
      () =>
        twice(
          (y) => y,
          (y) => y.slice(0),
        ),
      ShapeError,
      `checkpoint: the function gives float64 of shape [] in its second run, but float64 of shape [2] in its first; ${same}`,
    );
    fails(
      () =>
        twice(
          (y) => y,
          (y) => y.astype("float32"),
        ),
      ShapeError,
      `checkpoint: the function gives float32 of shape [2] in its second run, but float64 of shape [2] in its first; ${same}`,
    );
    fails(
      () =>
        twice(
          (y) => [y],
          (y) => [y, y],
        ),
      TreeError,
      `checkpoint: the function gives [*, *] in its second run, but [*] in its first; ${same}`,
    );
  });
  it.each<[string, (x: NDArray) => NDArray]>([
    ["slice", (x) => x.slice()],
    ["slice with a row", (x) => x.slice(0)],
    ["slice with all", (x) => x.slice("...")],
  ])("sees what is closed over and read by %s alone", (_, read) => {
    expect(grad((x: NDArray) => checkpoint(() => read(x).mul(2).sum())())(array([0.4])).toArray()).toEqual([2]);
    const carried = (x: NDArray): NDArray => scan((s: NDArray) => [s.mul(read(x).sum()), null], 1, array([0, 0]), { checkpoint: true })[0];
    expect(grad(carried)(array([0.5])).toArray()).toEqual([1]);
  });
  it("says that a variable which the function closes over was assigned between its runs", () => {
    const ways: Record<string, (x: NDArray, h: () => NDArray) => NDArray> = {
      checkpoint: (x, h) => checkpoint((y: NDArray) => y.mul(h()).sin())(x),
      scan: (x, h) => scan((s: NDArray) => [s.mul(h()).sin(), null], x, array([0, 0]), { checkpoint: true })[0],
    };
    for (const [op, way] of Object.entries(ways)) {
      const reassigned = (x: NDArray): NDArray => {
        let h = x;
        for (let i = 0; i < 2; i++) h = way(x, () => h);
        return h;
      };
      fails(
        () => grad(reassigned)(2),
        TransformError,
        "checkpoint: the function closes over another array in its second run than in its first;",
      );
      const constant = (x: NDArray): NDArray => {
        const h = way(x, () => x);
        return way(x, () => h);
      };
      const plain = (x: NDArray): NDArray => {
        const once = (h: NDArray): NDArray => (op === "scan" ? x.mul(h).sin().mul(h).sin() : x.mul(h).sin());
        return once(once(x));
      };
      expectClose(grad(constant)(2), grad(plain)(2).item());
    }
  });
});
