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
