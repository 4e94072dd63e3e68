import { arange, array, concatenate, eye, gammaln, type NDArray, scan, stack, valueAndGrad, zeros } from "@ad/core";
import { jacobian, jvpMany } from "@ad/functional";
import { vmap } from "@ad/vmap";

// Objectives of the kinds and sizes of ADBench and of probabilistic and attention models. peers/jax_models.py and peers/torch_models.py have the same.

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

/** Returns the vector from a point's measured place to the place where it is seen: of a camera (turn, place, focal length, centre, two distortions), point, weight. */
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

/** A camera, a point and a weight for each observation, [observations, 15]; observation i is of camera i and point 7 i, counted round. */
function observed(cameras: NDArray, points: NDArray, weights: NDArray): NDArray {
  const [n] = weights.shape;
  const at = (step: number, all: NDArray): NDArray => arange(0, step * n, step, "int32").mod(all.shape[0]);
  return concatenate([cameras.take(at(1, cameras)), points.take(at(7, points)), weights.expandDims(1)], 1);
}

/** All residuals, [observations, 2]. */
export const residuals = (cameras: NDArray, points: NDArray, weights: NDArray, measured: NDArray): NDArray =>
  vmap(seen)(observed(cameras, points, weights), measured);

/** The Jacobians of all residuals, [observations, 2, 15]. */
export const adjustment = (cameras: NDArray, points: NDArray, weights: NDArray, measured: NDArray): NDArray =>
  vmap(jacobian(seen))(observed(cameras, points, weights), measured);

/** The bone that each bone hangs on, of a root, a wrist and five fingers of four bones. */
const parents = [-1, 0, ...Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? 1 : i + 1))];

/** The three angles of each bone as positions in the 26 parameters and a zero behind them: two of a finger's first bone, one of the next two. */
const anglesAt = array(
  Int32Array.from(
    parents.flatMap((_, bone) => {
      const [finger, joint] = [Math.floor((bone - 2) / 4), (bone - 2) % 4];
      if (bone < 2 || joint === 3) return [26, 26, 26];
      const first = 6 + 4 * finger;
      return joint === 0 ? [first, first + 1, 26] : [first + joint + 1, 26, 26];
    }),
  ),
  { shape: [22, 3] },
);

/** Rotations about x, then y, then z by angles [n, 3]: [n, 3, 3]. */
function rotations(angles: NDArray): NDArray {
  const [sines, cosines] = [angles.sin(), angles.cos()];
  const [sx, sy, sz] = [0, 2, 1].map((i) => sines.slice(":", i));
  const [cx, cy, cz] = [0, 2, 1].map((i) => cosines.slice(":", i));
  const [both, other] = [sy.mul(sx), sy.mul(cx)];
  return stack(
    [
      ...[cz.mul(cy), cz.mul(both).sub(sz.mul(cx)), cz.mul(other).add(sz.mul(sx))],
      ...[sz.mul(cy), sz.mul(both).add(cz.mul(cx)), sz.mul(other).sub(cz.mul(sx))],
      ...[sy.neg(), cy.mul(sx), cy.mul(cx)],
    ],
    1,
  ).reshape(-1, 3, 3);
}

/** The vertices of a hand [v, 3]: of its parameters, the places of its bones [22, 3, 4], the inverses of those at rest, vertices at rest [4, v], weights [22, v]. */
function vertices(pose: NDArray, bones: NDArray, inverses: NDArray, rest: NDArray, weights: NDArray): NDArray {
  const turns = rotations(concatenate([pose, pose.slice([0, 1]).mul(0)]).take(anglesAt));
  const own = concatenate([bones.slice(":", ":", [0, 3]).matmul(turns), bones.slice(":", ":", [3, 4])], 2);
  const last = array([[0, 0, 0, 1]]).astype(pose.dtype);
  const placed: NDArray[] = [];
  parents.forEach((parent, bone) => {
    const square = concatenate([own.slice(bone), last]);
    placed.push(parent < 0 ? square : placed[parent].matmul(square));
  });
  const bottom = last.broadcastTo([22, 1, 4]);
  const transforms = stack(placed).matmul(concatenate([inverses, bottom], 1));
  const each = transforms.slice(":", [0, 3]).reshape(66, 4).matmul(rest).reshape(22, 3, -1);
  return turnedAll(pose.slice([0, 3]), each.mul(weights.expandDims(1)).sum(0).T).add(pose.slice([3, 6]));
}

/** Vectors [n, 3] turned about one axis. */
function turnedAll(axis: NDArray, x: NDArray): NDArray {
  const angle = axis.square().sum().sqrt();
  const [a0, a1, a2] = axis.div(angle);
  const zero = a0.mul(0);
  const cross = array([zero, a2.neg(), a1, a2, zero, a0.neg(), a1.neg(), a0, zero]).reshape(3, 3);
  const turn = eye(3)
    .astype(x.dtype)
    .add(cross.mul(angle.sin()))
    .add(cross.matmul(cross).mul(angle.cos().neg().add(1)));
  return x.matmul(turn.T);
}

/** Computes how far points [n, 3] are from those of a hand's triangles that u [n, 2] names; triangle i has the vertices 7 i, 11 i and 13 i, counted round. */
export function hand(pose: NDArray, u: NDArray, ...[bones, inverses, rest, weights, points]: NDArray[]): NDArray {
  const all = vertices(pose, bones, inverses, rest, weights);
  const [n, count] = [points.shape[0], all.shape[0]];
  const corner = (step: number): NDArray => all.take(array(Int32Array.from({ length: n }, (_, i) => (step * i) % count)));
  const [first, second] = [u.slice(":", [0, 1]), u.slice(":", [1, 2])];
  const third = first.add(second).neg().add(1);
  return points.sub(
    first
      .mul(corner(7))
      .add(second.mul(corner(11)))
      .add(third.mul(corner(13))),
  );
}

/** Its derivatives [28, n, 3]: by each residual's own u, and by the pose. */
export function handDerivatives(pose: NDArray, u: NDArray, ...model: NDArray[]): NDArray {
  const [own, others] = [eye(2).astype(u.dtype).expandDims(1).broadcastTo([2, u.shape[0], 2]), zeros([26, ...u.shape]).astype(u.dtype)];
  const poses = concatenate([zeros([2, 26]), eye(26)]).astype(pose.dtype);
  const f = (pose: NDArray, u: NDArray): NDArray => hand(pose, u, ...model);
  return jvpMany(f, [pose, u], [poses, concatenate([own, others])])[1];
}

type State = readonly [NDArray, NDArray];

/** Minus the mean log-likelihood of a sequence [c, b] under a stacked LSTM: per layer weights [4, b], biases [4, b] and state [2, b]. */
export function sequence(main: NDArray, extra: NDArray, rows: NDArray): NDArray {
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

/** Minus the logarithm of the posterior density of a linear regression's coefficients [k], of unit normal prior and noise. */
export const simpleRegression = (beta: NDArray, x: NDArray, y: NDArray): NDArray =>
  y.sub(x.matmul(beta)).square().sum().add(beta.square().sum()).mul(0.5);

/** The same with noise of Student's distribution: its logarithms of degrees of freedom and of scale come before the coefficients. */
export function robustRegression(parameters: NDArray, x: NDArray, y: NDArray): NDArray {
  const [freedom, logScale, beta] = [parameters.slice(0).exp(), parameters.slice(1), parameters.slice([2, null])];
  const half = freedom.add(1).mul(0.5);
  const apart = y.sub(x.matmul(beta)).div(logScale.exp()).square();
  const constant = gammaln(half)
    .sub(gammaln(freedom.mul(0.5)))
    .sub(freedom.log().mul(0.5))
    .sub(logScale);
  return half
    .mul(apart.div(freedom).log1p().sum())
    .sub(constant.mul(x.shape[0]))
    .add(beta.square().sum().mul(0.5))
    .add(freedom.square().mul(0.5));
}

/** Attention of x [batch, time, width] to itself: weights [4, width, width] for queries, keys, values and the result. */
function attended(weights: NDArray, x: NDArray, heads: number): NDArray {
  const [batch, time, width] = x.shape;
  const [queries, keys, values] = [0, 1, 2].map((i) =>
    x
      .matmul(weights.slice(i))
      .reshape(batch, time, heads, width / heads)
      .swapaxes(1, 2),
  );
  const shares = queries
    .matmul(keys.swapaxes(2, 3))
    .mul((heads / width) ** 0.5)
    .softmax(-1);
  return shares.matmul(values).swapaxes(1, 2).reshape(batch, time, width).matmul(weights.slice(3));
}

/** The mean square of what eight heads attend to. */
export const attention = (weights: NDArray, x: NDArray): NDArray => attended(weights, x, 8).square().mean();

const normal = (x: NDArray): NDArray => {
  const centred = x.sub(x.mean(-1, { keepdims: true }));
  return centred.div(centred.square().mean(-1, { keepdims: true }).add(1e-5).sqrt());
};

/** The mean square of a transformer's result: per layer attention of four heads [4, width, width] and a network of one hidden layer. */
export function transformer(heads: NDArray, inward: NDArray, outward: NDArray, x: NDArray): NDArray {
  for (let l = 0; l < heads.shape[0]; l++) {
    x = x.add(attended(heads.slice(l), normal(x), 4));
    x = x.add(normal(x).matmul(inward.slice(l)).relu().matmul(outward.slice(l)));
  }
  return x.square().mean();
}
