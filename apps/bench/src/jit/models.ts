import { array, concatenate, eye, type NDArray, scan, valueAndGrad } from "@ad/core";
import { jacobian } from "@ad/functional";
import { vmap } from "@ad/vmap";

// Objectives of ADBench's kinds and sizes, and a classifier. peers/jax_jit.py has the same.

/** The triangle of a d × d matrix below its diagonal, column by column, as positions in a list that begins with a zero. */
function triangle(d: number): NDArray {
  const at = new Int32Array(d * d);
  let next = 1;
  for (let j = 0; j < d; j++) for (let i = j + 1; i < d; i++) at[i * d + j] = next++;
  return array(at);
}

/**
 * Minus the logarithm of the likelihood of samples x [n, d] under a mixture of k normal distributions, with a Wishart prior: weights [k],
 * means [k, d], and roots of the inverse covariances [k, d + d (d - 1) / 2], the logarithms of their diagonals first.
 */
export function mixture(weights: NDArray, means: NDArray, roots: NDArray, x: NDArray): NDArray {
  const [k, d] = means.shape;
  const logs = roots.slice(":", [0, d]);
  const below = roots.slice(":", [d, null]);
  const padded = concatenate([logs.slice(":", [0, 1]).mul(0), below], 1);
  const lower = padded.take(triangle(d), 1).reshape(k, d, d);
  const root = lower.add(eye(d).astype(x.dtype).mul(logs.exp().expandDims(1)));
  const apart = x.sub(means.expandDims(1)).matmul(root.swapaxes(1, 2));
  const each = weights.add(logs.sum(1)).expandDims(1).sub(apart.square().sum(2).mul(0.5));
  const prior = logs.exp().square().sum().add(below.square().sum()).mul(0.5).sub(logs.sum());
  return weights.logsumexp().mul(x.shape[0]).sub(each.logsumexp(0).sum()).add(prior);
}

/** The gradient of the mixture with respect to all of its parameters, as one list. */
export const mixtureGradient = (weights: NDArray, means: NDArray, roots: NDArray, x: NDArray): NDArray => {
  const [, gradients] = valueAndGrad(mixture, { argnums: [0, 1, 2] })(weights, means, roots, x);
  return concatenate(gradients.map((g) => g.ravel()));
};

/** A vector turned about an axis, by as much as the axis is long. */
function turned(axis: NDArray, x: NDArray): NDArray {
  const square = axis.square().sum();
  const angle = square.sqrt();
  const [a0, a1, a2] = axis.div(angle);
  const [x0, x1, x2] = x;
  const cross = array([a1.mul(x2).sub(a2.mul(x1)), a2.mul(x0).sub(a0.mul(x2)), a0.mul(x1).sub(a1.mul(x0))]);
  const along = a0
    .mul(x0)
    .add(a1.mul(x1))
    .add(a2.mul(x2))
    .mul(array([a0, a1, a2]));
  const cosine = angle.cos();
  return x
    .mul(cosine)
    .add(cross.mul(angle.sin()))
    .add(along.mul(cosine.neg().add(1)));
}

/** How far a point is seen from where it was measured: of a camera (turn, place, focal length, centre, two distortions), point, weight. */
function seen(p: NDArray, measured: NDArray): NDArray {
  const own = turned(p.slice([0, 3]), p.slice([11, 14]).sub(p.slice([3, 6])));
  const flat = own.slice([0, 2]).div(own.slice(2));
  const square = flat.square().sum();
  const stretch = p.slice(9).mul(square).add(p.slice(10).mul(square.square())).add(1);
  return flat
    .mul(stretch)
    .mul(p.slice(6))
    .add(p.slice([7, 9]))
    .sub(measured)
    .mul(p.slice(14));
}

/** The Jacobians of all residuals, [observations, 2, 15]; observation i is of camera i and point 7 i, counted round. */
export function adjustment(cameras: NDArray, points: NDArray, weights: NDArray, measured: NDArray): NDArray {
  const [n] = measured.shape;
  const at = (step: number, all: NDArray): NDArray => array(Int32Array.from({ length: n }, (_, i) => (step * i) % all.shape[0]));
  const parameters = concatenate([cameras.take(at(1, cameras)), points.take(at(7, points)), weights.expandDims(1)], 1);
  return vmap(jacobian(seen))(parameters, measured);
}

type State = readonly [NDArray, NDArray];

/** Minus the mean log-likelihood of a sequence [c, b] under a stacked LSTM: per layer weights [4, b], biases [4, b] and state [2, b]. */
function sequence(main: NDArray, extra: NDArray, rows: NDArray): NDArray {
  const [layers, , , b] = main.shape;
  const step = (states: State[], [input, next]: State): [State[], NDArray] => {
    let x = input.mul(extra.slice(0));
    const moved = states.map(([hidden, cell], l): State => {
      const at = (k: number, y: NDArray): NDArray => y.mul(main.slice(l, 0, k)).add(main.slice(l, 1, k));
      const kept = cell.mul(at(0, x).sigmoid()).add(at(1, hidden).sigmoid().mul(at(3, hidden).tanh()));
      x = at(2, x).sigmoid().mul(kept.tanh());
      return [x, kept];
    });
    const guess = x.mul(extra.slice(1)).add(extra.slice(2));
    const normal = guess.sub(guess.exp().sum().add(2).log());
    return [moved, next.mul(normal).sum()];
  };
  const zero = rows.slice(0).mul(0);
  const states = Array.from({ length: layers }, (): State => [zero, zero]);
  const [, terms] = scan(step, states, [rows.slice([0, -1]), rows.slice([1, null])] as State);
  return terms
    .sum()
    .neg()
    .div((rows.shape[0] - 1) * b);
}

/** The gradient of the LSTM with respect to all of its parameters, as one list. */
export const sequenceGradient = (main: NDArray, extra: NDArray, rows: NDArray): NDArray => {
  const [, gradients] = valueAndGrad(sequence, { argnums: [0, 1] })(main, extra, rows);
  return concatenate(gradients.map((g) => g.ravel()));
};

/** Mean cross-entropy of a tanh network of three layers, and its derivatives, as one list. */
export const classifier = (...all: readonly NDArray[]): NDArray => {
  const loss = (w1: NDArray, b1: NDArray, w2: NDArray, b2: NDArray, w3: NDArray, b3: NDArray, x: NDArray, labels: NDArray): NDArray => {
    const logits = x.matmul(w1).add(b1).tanh().matmul(w2).add(b2).tanh().matmul(w3).add(b3);
    return logits.logsumexp(-1).sub(logits.mul(labels).sum(-1)).mean();
  };
  const [value, gradients] = valueAndGrad(loss, { argnums: [0, 1, 2, 3, 4, 5] })(...(all as Parameters<typeof loss>));
  return concatenate([value.reshape(1), ...gradients.map((g) => g.ravel())]);
};
