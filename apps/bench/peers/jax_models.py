"""JAX's side of src/programs."""
import jax
import jax.numpy as jnp
import numpy as np


def flat(trees):
    return jnp.concatenate([jnp.ravel(x) for x in trees])


def gradient(f, count):
    """All derivatives with respect to the first arguments, as one list."""
    return lambda *args: flat(jax.value_and_grad(f, tuple(range(count)))(*args)[1])


def mixture(weights, means, roots, x):
    k, d = means.shape
    logs, below = roots[:, :d], roots[:, d:]
    at = np.zeros((d, d), dtype=np.int32)
    at.T[np.triu_indices(d, 1)] = 1 + np.arange(d * (d - 1) // 2)
    lower = jnp.concatenate([jnp.zeros((k, 1), x.dtype), below], 1)[:, at]
    root = lower + jnp.eye(d, dtype=x.dtype) * jnp.exp(logs)[:, None]
    apart = (x - means[:, None]) @ root.swapaxes(1, 2)
    each = (weights + logs.sum(1))[:, None] - 0.5 * jnp.square(apart).sum(2)
    prior = 0.5 * (jnp.square(jnp.exp(logs)).sum() + jnp.square(below).sum()) - logs.sum()
    lse = jax.scipy.special.logsumexp
    return x.shape[0] * lse(weights) - lse(each, 0).sum() + prior


def turned(axis, x):
    angle = jnp.sqrt(jnp.square(axis).sum())
    a = axis / angle
    return x * jnp.cos(angle) + jnp.cross(a, x) * jnp.sin(angle) + a * (a @ x) * (1 - jnp.cos(angle))


def seen(p, measured):
    own = turned(p[0:3], p[11:14] - p[3:6])
    plane = own[:2] / own[2]
    square = jnp.square(plane).sum()
    return (plane * (1 + p[9] * square + p[10] * jnp.square(square)) * p[6] + p[7:9] - measured) * p[14]


def observed(cameras, points, weights):
    i = np.arange(weights.shape[0])
    return jnp.concatenate([cameras[i % len(cameras)], points[7 * i % len(points)], weights[:, None]], 1)


def residuals(cameras, points, weights, measured):
    return jax.vmap(seen)(observed(cameras, points, weights), measured)


def adjustment(cameras, points, weights, measured):
    return jax.vmap(jax.jacrev(seen))(observed(cameras, points, weights), measured)


def sequence(main, extra, rows):
    def step(states, pair):
        x = pair[0] * extra[0]
        moved = []
        for l, (hidden, cell) in enumerate(states):
            at = lambda k, y: y * main[l, 0, k] + main[l, 1, k]
            cell = cell * jax.nn.sigmoid(at(0, x)) + jax.nn.sigmoid(at(1, hidden)) * jnp.tanh(at(3, hidden))
            x = jax.nn.sigmoid(at(2, x)) * jnp.tanh(cell)
            moved.append((x, cell))
        guess = x * extra[1] + extra[2]
        return moved, (pair[1] * (guess - jnp.log(jnp.exp(guess).sum() + 2))).sum()

    zero = jnp.zeros_like(rows[0])
    terms = jax.lax.scan(step, [(zero, zero)] * main.shape[0], (rows[:-1], rows[1:]))[1]
    return -terms.sum() / rows[1:].size


def observations(make, n, cameras, points):
    return make(1, [cameras, 11]), make(2, [points, 3]) + jnp.asarray([0.0, 0, 5]), make(3, [n]), make(4, [n, 2])


PARENTS = [-1, 0] + [1 if i % 4 == 0 else i + 1 for i in range(20)]


def angles_at():
    """The three angles of each bone, as positions in the 26 parameters and a zero behind them."""
    at = np.full((22, 3), 26)
    for finger in range(5):
        at[2 + 4 * finger, :2] = 6 + 4 * finger + np.arange(2)
        at[3 + 4 * finger : 5 + 4 * finger, 0] = 8 + 4 * finger + np.arange(2)
    return at


def rotations(angles):
    (sx, sz, sy), (cx, cz, cy) = jnp.sin(angles).T, jnp.cos(angles).T
    entries = [
        *[cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        *[sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        *[-sy, cy * sx, cy * cx],
    ]
    return jnp.stack(entries, 1).reshape(-1, 3, 3)


def turned_all(axis, x):
    angle = jnp.sqrt(jnp.square(axis).sum())
    a0, a1, a2 = axis / angle
    zero = a0 * 0
    cross = jnp.stack([zero, -a2, a1, a2, zero, -a0, -a1, a0, zero]).reshape(3, 3)
    turn = jnp.eye(3, dtype=x.dtype) + cross * jnp.sin(angle) + cross @ cross * (1 - jnp.cos(angle))
    return x @ turn.T


def vertices(pose, bones, inverses, rest, weights):
    turns = rotations(jnp.concatenate([pose, pose[:1] * 0], 0)[angles_at()])
    own = jnp.concatenate([bones[:, :, :3] @ turns, bones[:, :, 3:]], 2)
    last = jnp.asarray([[0.0, 0, 0, 1]], dtype=pose.dtype)
    placed = []
    for bone, parent in enumerate(PARENTS):
        square = jnp.concatenate([own[bone], last], 0)
        placed.append(square if parent < 0 else placed[parent] @ square)
    bottom = jnp.broadcast_to(last, (22, 1, 4))
    transforms = jnp.stack(placed) @ jnp.concatenate([inverses, bottom], 1)
    each = (transforms[:, :3].reshape(66, 4) @ rest).reshape(22, 3, -1)
    return turned_all(pose[:3], (each * weights[:, None]).sum(0).T) + pose[3:6]


def hand(pose, u, bones, inverses, rest, weights, points):
    all_vertices = vertices(pose, bones, inverses, rest, weights)
    i = np.arange(len(points))
    a, b, c = (all_vertices[step * i % len(all_vertices)] for step in (7, 11, 13))
    return points - (u[:, :1] * a + u[:, 1:] * b + (1 - u[:, :1] - u[:, 1:]) * c)


def hand_derivatives(pose, u, *model):
    poses = jnp.concatenate([jnp.zeros((2, 26), dtype=pose.dtype), jnp.eye(26, dtype=pose.dtype)], 0)
    own = jnp.broadcast_to(jnp.eye(2, dtype=u.dtype)[:, None], (2, *u.shape))
    others = jnp.zeros((26, *u.shape), dtype=u.dtype)
    f = lambda pose, u: hand(pose, u, *model)
    push = lambda t, v: jax.jvp(f, (pose, u), (t, v))[1]
    return jax.vmap(push)(poses, jnp.concatenate([own, others], 0))


def hands(make, vertices, points):
    return (
        *[make(1, [26], 0.5), make(2, [points, 2]), make(3, [22, 3, 4], 0.5), make(4, [22, 3, 4], 0.5)],
        *[make(5, [4, vertices]), make(6, [22, vertices], 0.2), make(7, [points, 3])],
    )


def simple(beta, x, y):
    return 0.5 * (jnp.square(y - x @ beta).sum() + jnp.square(beta).sum())


def robust(parameters, x, y):
    freedom, scale, beta = jnp.exp(parameters[0]), parameters[1], parameters[2:]
    half = 0.5 * (freedom + 1)
    apart = jnp.square((y - x @ beta) / jnp.exp(scale))
    constant = jax.scipy.special.gammaln(half) - jax.scipy.special.gammaln(0.5 * freedom) - 0.5 * jnp.log(freedom) - scale
    return half * jnp.log1p(apart / freedom).sum() - len(y) * constant + 0.5 * jnp.square(beta).sum() + 0.5 * jnp.square(freedom)


def attended(w, x, heads):
    batch, time, width = x.shape
    q, k, v = ((x @ w[i]).reshape(batch, time, heads, width // heads).swapaxes(1, 2) for i in range(3))
    shares = jax.nn.softmax(q @ k.swapaxes(2, 3) * (heads / width) ** 0.5, -1)
    return (shares @ v).swapaxes(1, 2).reshape(batch, time, width) @ w[3]


def attention(w, x):
    return jnp.square(attended(w, x, 8)).mean()


def normal(x):
    centred = x - x.mean(-1)[..., None]
    return centred / jnp.sqrt(jnp.square(centred).mean(-1)[..., None] + 1e-5)


def transformer(heads, inward, outward, x):
    for w, w1, w2 in zip(heads, inward, outward):
        x = x + attended(w, normal(x), 4)
        x = x + jax.nn.relu(normal(x) @ w1) @ w2
    return jnp.square(x).mean()


def regression(make, parameters):
    return make(1, [parameters]), make(2, [1000, 10], 4), make(3, [1000], 4)


def mixtures(make, n, d, k):
    return make(1, [k]), make(2, [k, d]), make(3, [k, d * (d + 1) // 2]), make(4, [n, d], 4)


def programs(make):
    """Inputs, value and derivative of each of src/programs, by its name."""
    mixed = lambda *sizes: (lambda: mixtures(make, *sizes), mixture, gradient(mixture, 3))
    return {
        "mixture 1k 10 25": mixed(1000, 10, 25),
        "mixture 1k 20 50": mixed(1000, 20, 50),
        "mixture 10k 20 25": mixed(10000, 20, 25),
        "bundle 31843": (lambda: observations(make, 31843, 49, 7776), residuals, adjustment),
        "hand 544 100": (lambda: hands(make, 544, 100), hand, hand_derivatives),
        "lstm 2 1024": (
            lambda: (make(1, [2, 2, 4, 14]), make(2, [3, 14]), (make(3, [1024, 14]) > 0).astype(make(3, [1]).dtype)),
            sequence,
            gradient(sequence, 2),
        ),
        "simple regression": (lambda: regression(make, 10), simple, jax.hessian(simple)),
        "robust regression": (lambda: regression(make, 12), robust, jax.hessian(robust)),
        "attention": (lambda: (make(1, [4, 32, 32]), make(2, [8, 16, 32], 4)), attention, gradient(attention, 1)),
        "transformer": (
            lambda: (make(1, [2, 4, 64, 64], 0.5), make(2, [2, 64, 128], 0.5), make(3, [2, 128, 64], 0.5), make(4, [8, 32, 64], 4)),
            transformer,
            gradient(transformer, 3),
        ),
    }
