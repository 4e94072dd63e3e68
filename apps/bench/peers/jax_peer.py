"""JAX's side of the bench: everything compiled, on one thread."""
import os

# Without NPROC, XLA splits elementwise work over the cores whatever its flags say.
os.environ["NPROC"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

from answer import answer, numbers
from jax_models import programs

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)
layers = [784, 256, 128, 10]


def chain(x):
    return jnp.tanh(jnp.sin(x) * x + jnp.exp(-jnp.square(x)))


def flat(tree):
    return np.concatenate([np.asarray(leaf, dtype=np.float64).ravel() for leaf in jax.tree_util.tree_leaves(tree)])


def compiled(f, *inputs):
    run = jax.jit(f)
    return (lambda: jax.block_until_ready(run(*inputs))), flat


def prepare(workload):
    kind, n, operations = workload["kind"], workload["n"], workload["operations"]
    dtype = workload["dtype"]
    make = lambda seed, shape, scale=1.0: jnp.asarray(numbers(seed, int(np.prod(shape)), scale).reshape(shape), dtype=dtype)
    name, _, part = kind.partition(": ")
    if (program := programs(make).get(name)) is not None:
        inputs, value, derivative = program
        return compiled(derivative if part == "derivative" else value, *inputs())
    if kind == "matmul":
        return compiled(jnp.matmul, make(1, [n, n]), make(2, [n, n]))
    if kind == "chain":
        return compiled(chain, make(1, [1000000], 4))
    if kind == "chain gradient":
        return compiled(jax.grad(lambda x: chain(x).sum()), make(1, [1000000], 4))
    if kind == "add":
        return compiled(jnp.add, make(1, [1000000]), make(2, [1000000]))
    if kind.startswith("sum axis"):
        axis = int(kind[-1])
        return compiled(lambda x: x.sum(axis), make(1, [1000, 1000]))
    if kind == "mlp":
        weights = [make(i, [layers[i - 1], layers[i]], 4 / np.sqrt(layers[i - 1])) for i in (1, 2, 3)]
        biases = [make(i + 3, [layers[i]]) for i in (1, 2, 3)]
        labels = jnp.asarray([[float(c == r % 10) for c in range(10)] for r in range(128)], dtype=dtype)

        def loss(parameters, x):
            (w1, w2, w3), (b1, b2, b3) = parameters
            logits = jnp.tanh(jnp.tanh(x @ w1 + b1) @ w2 + b2) @ w3 + b3
            return (jax.scipy.special.logsumexp(logits, -1) - (logits * labels).sum(-1)).mean()

        return compiled(jax.value_and_grad(loss), (weights, biases), make(7, [128, 784]))
    if kind.startswith("tape"):
        c = make(2, [10]) + 1.5

        def f(x):
            y = x
            for _ in range(operations):
                y = jnp.sin(y) if kind == "tape sin" else y * c
            return y.sum()

        return compiled(jax.grad(f), make(1, [10]))
    w1, b1, w2, b2 = make(1, [100, 50], 0.5), make(2, [100]), make(3, [50, 100], 0.5), make(4, [50])
    f = lambda x: w2 @ jnp.tanh(w1 @ x + b1) + b2
    x = make(5, [50])
    if kind == "jacobian":
        return compiled(jax.jacrev(f), x)
    if kind == "hessian":
        return compiled(jax.hessian(lambda x: jnp.square(f(x)).sum()), x)
    if kind == "jvps":
        return compiled(lambda x, tangents: jax.vmap(lambda t: jax.jvp(f, (x,), (t,))[1])(tangents), x, make(6, [n, 50]))
    return None


answer(prepare)
