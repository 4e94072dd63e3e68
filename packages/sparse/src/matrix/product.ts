import type { DType, NDArray, Shape } from "@ad/core";
import { allocate, Concrete, compact } from "@ad/core/internals/backend";
import { Aval, call, type Operation, recordPullback, sizeOf } from "@ad/core/internals/trace";

/**
 * Products with sparse matrices of one pattern, and what their derivatives are made of: three operations that are closed under transposition.
 *
 *   product(v, x)[i, k] = Σₑ v[e] x[from[e], k], over the entries e of row i;   its transposes are sampled(ȳ, x) and the product of the other direction;
 *   sampled(y, x)[e] = Σₖ y[to[e], k] x[from[e], k];   its transposes are the two products.
 *
 * Entries are [..., count], columns are [..., n, k]. An operand may lack the batch that the other one has.
 */
export interface Products {
  readonly product: Operation;
  readonly transposed: Operation;
  readonly sampled: Operation;
}

/** Which entry of which operand meets which: entry e of the matrix is at row rows[e] and column columns[e]. */
export interface Places {
  readonly shape: readonly [rows: number, columns: number];
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Where each row begins, and where the last one ends. */
  readonly starts: Int32Array;
}

type Numbers = Float64Array | Float32Array;

/** How many of the last axes of an operand are no batch. */
type Ranks = readonly [first: number, second: number];

const lead = (shape: Shape, rank: number): Shape => shape.slice(0, shape.length - rank);

/** The batch of both operands: that of either where the other has none. */
function batchOf(inputs: readonly { readonly shape: Shape }[], ranks: Ranks): Shape {
  const [a, b] = inputs.map(({ shape }, i) => lead(shape, ranks[i]));
  return a.length > 0 ? a : b;
}

/** An operand without a batch meets every lane of the other one, so that its cotangent is the sum over these. */
const fitted = (x: NDArray, rank: number): NDArray => x.sum(Array.from({ length: x.ndim - rank }, (_, axis) => axis));
const fit = (x: NDArray, like: NDArray, rank: number): NDArray => (x.ndim > like.ndim ? fitted(x, rank) : x);

const plus = (a: NDArray | undefined, b: NDArray | undefined): NDArray | undefined => (a && b ? a.add(b) : (a ?? b));

/** A bilinear operation of two operands, by the kernel for one lane and its transposes. */
function bilinear(
  name: string,
  ranks: Ranks,
  shape: (first: Shape, second: Shape) => Shape,
  kernel: (a: Numbers, b: Numbers, out: Numbers, columns: number) => void,
  transposes: readonly [(ct: NDArray, other: NDArray) => NDArray, (ct: NDArray, other: NDArray) => NDArray],
): Operation {
  const run = (a: NDArray, b: NDArray): NDArray => call(own, [a, b])[0];
  const avalOf = ([a, b]: readonly { readonly shape: Shape; readonly dtype: DType }[]): Aval =>
    new Aval([...batchOf([a, b], ranks), ...shape(a.shape.slice(-ranks[0]), b.shape.slice(-ranks[1]))], a.dtype);
  const own: Operation = {
    name,
    record: recordPullback,
    shape: (inputs) => [avalOf(inputs)],
    forward(inputs) {
      const aval = avalOf(inputs);
      const storage = allocate(aval.dtype, aval.size) as Numbers;
      // Sums of many terms are taken in float64.
      const out = storage instanceof Float32Array ? new Float64Array(storage.length) : storage;
      const lanes = sizeOf(batchOf(inputs, ranks));
      const [a, b] = inputs.map((x, i) => {
        const data = compact(x as Concrete) as Numbers;
        const size = sizeOf(x.shape.slice(-ranks[i]));
        const step = x.ndim > ranks[i] ? size : 0;
        return (lane: number): Numbers => (lanes === 1 ? data : data.subarray(lane * step, lane * step + size));
      });
      const size = lanes === 0 ? 0 : storage.length / lanes;
      const { shape: columns } = inputs[1];
      for (let i = 0; i < lanes; i++)
        kernel(a(i), b(i), lanes === 1 ? out : out.subarray(i * size, (i + 1) * size), columns[columns.length - 1]);
      if (out !== storage) storage.set(out);
      return [new Concrete(aval, storage)];
    },
    jvp: ([a, b], [da, db]) => [[run(a, b)], [plus(da && run(da, b), db && run(a, db))]],
    transposes: {
      0: ([ct], [a, b]) => fit(transposes[0](ct as NDArray, b), a, ranks[0]),
      1: ([ct], [a, b]) => fit(transposes[1](ct as NDArray, a), b, ranks[1]),
    },
    vmap(inputs, mapped, size) {
      const inner = inputs.map((x, i) => lead(x.shape, ranks[i]).slice(mapped[i] ? 1 : 0));
      const batch = inner[0].length > 0 ? inner[0] : inner[1];
      return call(
        own,
        inputs.map((x, i) => {
          // What has no lanes at all meets each of the other's.
          if (!mapped[i] && inner[i].length === 0) return x;
          const rest = x.shape.slice(-ranks[i]);
          const own = mapped[i] && inner[i].length < batch.length ? x.reshape([size, ...batch.map(() => 1), ...rest]) : x;
          return own.broadcastTo([size, ...batch, ...rest]);
        }),
      );
    },
  };
  return own;
}

export function productsOf({ shape: [m, n], rows, columns, starts }: Places): Products {
  const count = rows.length;
  const times =
    (to: Int32Array, from: Int32Array) =>
    (v: Numbers, x: Numbers, out: Numbers, k: number): void => {
      if (k === 1) for (let e = 0; e < count; e++) out[to[e]] += v[e] * x[from[e]];
      else
        for (let e = 0; e < count; e++) {
          const [at, own, value] = [to[e] * k, from[e] * k, v[e]];
          for (let j = 0; j < k; j++) out[at + j] += value * x[own + j];
        }
    };
  const scattered = times(rows, columns);
  const run = (operation: Operation, a: NDArray, b: NDArray): NDArray => call(operation, [a, b])[0];
  const product = bilinear(
    "sparseMatmul",
    [1, 2],
    (_, [, k]) => [m, k],
    (v, x, out, k) => {
      if (k > 1) return scattered(v, x, out, k);
      for (let i = 0; i < m; i++) {
        let sum = 0;
        for (let e = starts[i]; e < starts[i + 1]; e++) sum += v[e] * x[columns[e]];
        out[i] = sum;
      }
    },
    [(ct, x) => run(sampled, ct, x), (ct, v) => run(transposed, v, ct)],
  );
  const transposed = bilinear("sparseMatmulTransposed", [1, 2], (_, [, k]) => [n, k], times(columns, rows), [
    (ct, x) => run(sampled, x, ct),
    (ct, v) => run(product, v, ct),
  ]);
  const sampled = bilinear(
    "sparseOuter",
    [2, 2],
    () => [count],
    (y, x, out, k) => {
      for (let e = 0; e < count; e++) {
        const [at, own] = [rows[e] * k, columns[e] * k];
        let sum = 0;
        for (let j = 0; j < k; j++) sum += y[at + j] * x[own + j];
        out[e] = sum;
      }
    },
    [(ct, x) => run(product, ct, x), (ct, y) => run(transposed, ct, y)],
  );
  return { product, transposed, sampled };
}
