"""JAX's side of the programs of src/jit/cases.ts: everything compiled, on one thread."""
import os

os.environ["NPROC"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

from answer import answer, numbers
from jax_models import adjustment, flat, gradient, mixture, observations, sequence

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)


def chain(x):
    return jnp.tanh(jnp.sin(x) * x + jnp.exp(-jnp.square(x))).sum()


def squares(f):
    return lambda x: jnp.square(f(x)).sum()


def classifier(*args):
    def loss(w1, b1, w2, b2, w3, b3, x, labels):
        logits = jnp.tanh(jnp.tanh(x @ w1 + b1) @ w2 + b2) @ w3 + b3
        return (jax.scipy.special.logsumexp(logits, -1) - (logits * labels).sum(-1)).mean()

    value, gradients = jax.value_and_grad(loss, tuple(range(6)))(*args)
    return flat([value, *gradients])


def layers(make, sizes=(784, 256, 128, 10)):
    pairs = [(make(i, [sizes[i - 1], sizes[i]], 4 / np.sqrt(sizes[i - 1])), make(i + 3, [sizes[i]])) for i in (1, 2, 3)]
    labels = jnp.asarray([[float(c == r % 10) for c in range(10)] for r in range(128)], dtype=pairs[0][0].dtype)
    return *pairs[0], *pairs[1], *pairs[2], make(7, [128, 784]), labels


def distance(p):
    ball = lambda centre, radius: jnp.sqrt(jnp.square(p - jnp.asarray(centre)).sum()) - radius
    return jnp.minimum(jnp.minimum(ball([0.0, 0.0, 3.0], 1), ball([1.0, 0.5, 2.5], 0.5)), p[1] + 1)


def march(direction):
    ray = direction / jnp.sqrt(jnp.square(direction).sum())

    def step(state):
        near = distance(ray * state[0])
        return state[0] + near, near

    return jax.lax.while_loop(lambda state: (state[1] > 1e-4) & (state[0] < 20), step, (0.0, 1.0))[0]


def screen():
    i = np.arange(4096)
    return jnp.asarray(np.stack([(i % 64 - 31.5) / 32, (31.5 - i // 64) / 32, np.full(4096, 1.5)], 1))


def likelihood(r, observed):
    moves = jnp.asarray([[1, 0.1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0.1], [0, 0, 0, 1]])
    sees = jnp.asarray([[1.0, 0, 0, 0], [0, 0, 1, 0]])
    noise = 0.01 * jnp.eye(4)

    def step(state, z):
        x, p = state
        ahead, spread = moves @ x, moves @ p @ moves.T + noise
        s = sees @ spread @ sees.T
        a, b, c, d = s[0, 0] + r, s[0, 1], s[1, 0], s[1, 1] + r
        det = a * d - b * c
        inverse = jnp.stack([jnp.stack([d, -b]), jnp.stack([-c, a])]) / det
        gain, off = spread @ sees.T @ inverse, z - sees @ ahead
        return (ahead + gain @ off, spread - gain @ sees @ spread), off @ inverse @ off + jnp.log(det)

    return jax.lax.scan(step, (jnp.zeros(4), noise * 100), observed)[1].sum()


def bodies(x, v):
    def pull(x):
        d = x[None] - x[:, None]
        r = jnp.square(d).sum(-1) + 0.01
        return (d / (r * jnp.sqrt(r))[..., None]).sum(1)

    def step(_, state):
        x, v = state
        half = v + pull(x) * 0.0005
        following = x + half * 0.001
        return following, half + pull(following) * 0.0005

    return jnp.stack(jax.lax.fori_loop(0, 1000, step, (x, v)))


def gated(wx, wh, xs):
    n = len(wh)

    def step(h, x):
        of, own = x @ wx, h @ wh
        r, z = (jax.nn.sigmoid(of[i * n : (i + 1) * n] + own[i * n : (i + 1) * n]) for i in (0, 1))
        following = z * h + (1 - z) * jnp.tanh(of[2 * n :] + r * own[2 * n :])
        return following, following

    return jnp.square(jax.lax.scan(step, jnp.zeros(n), xs)[1]).sum()


def prepare(workload):
    kind, dtype = workload["kind"], workload["dtype"]
    make = lambda seed, shape, scale=1.0: jnp.asarray(numbers(seed, int(np.prod(shape)), scale).reshape(shape), dtype=dtype)
    w1, w2 = make(1, [100, 50], 0.5), make(2, [50, 100], 0.5)
    network = lambda x: jnp.tanh(w2 @ jnp.tanh(w1 @ x))
    w, rows = make(1, [4, 4]), make(2, [100, 4])
    loop = lambda s: jax.lax.scan(lambda s, x: (jnp.tanh(w @ s + x), None), s, rows)[0].sum()
    programs = {
        "sin and its gradient, 10": (jax.grad(lambda x: jnp.sin(x).sum()), make(1, [10], 4)),
        "chain, 1000: value": (chain, make(1, [1000], 4)),
        "chain, 1000: gradient": (jax.grad(chain), make(1, [1000], 4)),
        "chain, 1e6: value": (chain, make(1, [1000000], 4)),
        "chain, 1e6: gradient": (jax.grad(chain), make(1, [1000000], 4)),
        "network: value": (network, make(3, [50])),
        "network: Jacobian": (jax.jacrev(network), make(3, [50])),
        "network: Hessian of |f|²": (jax.hessian(squares(network)), make(3, [50])),
        "network: 256 JVPs": (lambda x, vs: jax.vmap(lambda v: jax.jvp(network, (x,), (v,))[1])(vs), make(3, [50]), make(4, [256, 50])),
        "network: 256 gradients, vmap(grad)": (jax.vmap(jax.grad(squares(network))), make(3, [256, 50])),
        "scan of 100 steps: value": (loop, make(3, [4])),
        "scan of 100 steps: gradient": (jax.grad(loop), make(3, [4])),
        "4096 rays: value": (jax.vmap(march), screen()),
        "Kalman filter, 200 steps: gradient": (jax.grad(likelihood), jnp.asarray(0.5), make(2, [200, 2])),
        "five bodies, 1000 steps: value": (bodies, make(1, [5, 3], 4), make(2, [5, 3])),
        "GRU, 32 units, 100 steps: gradient": (
            jax.grad(gated, 1),
            make(1, [8, 96], 0.8),
            make(2, [32, 96], 0.4),
            make(3, [100, 8], 2),
        ),
        "network 784-256-128-10: value and gradient": (classifier, *layers(make)),
        "Gaussian mixture, 1000 × 10, 25 parts: gradient": (
            gradient(mixture, 3),
            make(1, [25]),
            make(2, [25, 10]),
            make(3, [25, 55]),
            make(4, [1000, 10], 4),
        ),
        "bundle adjustment, 1000 observations: Jacobians": (adjustment, *observations(make, 1000, 21, 400)),
        "bundle adjustment, 31843 observations: Jacobians": (adjustment, *observations(make, 31843, 49, 7776)),
        "LSTM, 2 layers, 1024 characters: gradient": (
            gradient(sequence, 2),
            make(1, [2, 2, 4, 14]),
            make(2, [3, 14]),
            (make(3, [1024, 14]) > 0).astype(dtype),
        ),
    }
    if kind not in programs:
        return None
    f, *inputs = programs[kind]
    run = jax.jit(f)
    return (lambda: jax.block_until_ready(run(*inputs))), np.asarray


answer(prepare)
