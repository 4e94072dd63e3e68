import { numbers } from "../src/compare/numbers.js";
import type { Kind } from "../src/compare/workloads.js";

type Vector = readonly number[];
type Matrix = readonly Vector[];

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const vector = (seed: number, n: number, scale?: number): Vector => [...numbers(seed, n, scale)];
const matrix = (seed: number, n: number, m: number, scale?: number): Matrix => {
  const all = vector(seed, n * m, scale);
  return range(n).map((i) => all.slice(i * m, (i + 1) * m));
};
const total = (x: Vector): number => x.reduce((a, b) => a + b, 0);
const dot = (x: Vector, y: Vector): number => {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y[k];
  return sum;
};
const transpose = (x: Matrix): Matrix => x[0].map((_, j) => x.map((row) => row[j]));
/** x · yᵀ, for rows that lie as they are needed. */
const times = (x: Matrix, y: Matrix): Matrix => x.map((row) => y.map((column) => dot(row, column)));
const product = (x: Matrix, y: Matrix): Matrix => times(x, transpose(y));

const layers = [784, 256, 128, 10];

/** The network's loss and its gradients, backwards by hand. */
function network(): number[] {
  const weights = [1, 2, 3].map((i) => matrix(i, layers[i - 1], layers[i], 4 / Math.sqrt(layers[i - 1])));
  const biases = [1, 2, 3].map((i) => vector(i + 3, layers[i]));
  const values = [matrix(7, 128, 784)];
  for (const i of range(3)) {
    const sums = product(values[i], weights[i]).map((row) => row.map((value, j) => value + biases[i][j]));
    values.push(i < 2 ? sums.map((row) => row.map(Math.tanh)) : sums);
  }
  const logits = values[3];
  const exponentials = logits.map((row) => row.map(Math.exp));
  const loss = total(logits.map((row, r) => Math.log(total(exponentials[r])) - row[r % 10])) / 128;
  let slopes: Matrix = exponentials.map((row, r) => row.map((e, j) => (e / total(row) - +(j === r % 10)) / 128));
  const gradients: Matrix[] = [];
  const sums: Vector[] = [];
  for (const i of [2, 1, 0]) {
    gradients.unshift(product(transpose(values[i]), slopes));
    sums.unshift(transpose(slopes).map(total));
    const back = times(slopes, weights[i]);
    slopes = back.map((row, r) => row.map((value, k) => value * (1 - values[i][r][k] ** 2)));
  }
  return [loss, ...gradients.flat(2), ...sums.flat()];
}

/** f(x) = w2 · tanh(w1 · x + b1) + b2, its Jacobian, and the Hessian of ‖f‖², each by its formula. */
function small(): { jacobian: Matrix; hessian: Matrix } {
  const [w1, b1, w2, b2, x] = [matrix(1, 100, 50, 0.5), vector(2, 100), matrix(3, 50, 100, 0.5), vector(4, 50), vector(5, 50)];
  const hidden = w1.map((row, k) => Math.tanh(dot(row, x) + b1[k]));
  const value = w2.map((row, i) => dot(row, hidden) + b2[i]);
  const slopes = hidden.map((h) => 1 - h * h);
  const jacobian = product(
    w2.map((row) => row.map((w, k) => w * slopes[k])),
    w1,
  );
  const bends = hidden.map((h, k) => -2 * h * slopes[k] * dot(transpose(w2)[k], value));
  const columns = transpose(w1);
  const hessian = range(50).map((i) =>
    range(50).map(
      (j) => 2 * (dot(transpose(jacobian)[i], transpose(jacobian)[j]) + total(bends.map((b, k) => b * columns[i][k] * columns[j][k]))),
    ),
  );
  return { jacobian, hessian };
}

/** Computes a workload, in float64 and in plain loops. */
export function plain(kind: Exclude<Kind, `${string}: ${string}`>, n: number, operations: number): number[] {
  const chain = (x: number): number => Math.tanh(Math.sin(x) * x + Math.exp(-x * x));
  switch (kind) {
    case "matmul":
      return product(matrix(1, n, n), matrix(2, n, n)).flat();
    case "chain":
      return vector(1, 1e6, 4).map(chain);
    case "chain gradient":
      return vector(1, 1e6, 4).map((x) => (1 - chain(x) ** 2) * (Math.cos(x) * x + Math.sin(x) - 2 * x * Math.exp(-x * x)));
    case "add":
      return vector(1, 1e6).map(
        (
          (y) => (x, i) =>
            x + y[i]
        )(vector(2, 1e6)),
      );
    case "sum axis 0":
      return transpose(matrix(1, 1000, 1000)).map(total);
    case "sum axis 1":
      return matrix(1, 1000, 1000).map(total);
    case "mlp":
      return network();
    case "jacobian":
    case "jacobian loop":
      return small().jacobian.flat();
    case "hessian":
      return small().hessian.flat();
    case "jvps":
    case "jvps loop":
      return times(matrix(6, n, 50), small().jacobian).flat();
    case "tape mul":
      return vector(2, 10).map((c) => (c + 1.5) ** operations);
    case "tape sin":
      return vector(1, 10).map((x) => {
        let slope = 1;
        for (let i = 0; i < operations; i++) [slope, x] = [slope * Math.cos(x), Math.sin(x)];
        return slope;
      });
  }
}
