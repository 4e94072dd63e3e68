"""JAX's side of the memory bench, on one thread. A Python loop runs operation by operation; where JAX has its own loop, that is compiled."""
import os

os.environ["NPROC"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp

from memory import measured

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)


def products(steps, n):
    def f(x):
        total = jnp.zeros(())
        for i in range(steps):
            total = total + (x * (jnp.zeros((n, n)) + i + 1)).sum()
        return total

    return f


half = lambda n: jnp.full((n, n), 0.5)


def sums(g):
    def make(steps, n):
        def f(x):
            s = jnp.zeros_like(x)
            for _ in range(steps):
                s = s + g(x)
            return s.sum()

        return f

    return make


block = lambda y: jnp.tanh(jnp.exp(jnp.sin(y)))
step = lambda s: s - 1e-4 * jnp.square(s)


def nested(counts):
    """Loops in loops, each run of an inner one a checkpoint."""
    own = step
    for depth, count in enumerate(counts):
        body = own if depth == 0 else jax.checkpoint(own)
        own = lambda s, body=body, count=count: jax.lax.scan(lambda c, _: (body(c), None), s, None, length=count)[0]
    return own


def loop(kind):
    def run(steps, n):
        if kind == "kept":
            f = nested([steps])
        elif kind == "true":
            f = nested([1, steps])
        else:
            # Of 10⁴ steps 100 in 100, or ten in ten in ten in ten.
            root = round(steps ** (1 / 2 if kind == "sqrt" else 1 / 4))
            f = nested([root] * (2 if kind == "sqrt" else 4))
        return jax.jit(jax.grad(lambda x: f(x).sum()))(jnp.full((n,), 0.5))

    return run


def determinant(call):
    def make(steps, n):
        def f(x):
            y = x
            for _ in range(steps):
                y = jnp.sin(y) * x
            return y.sum() + call(x[:2, :2])

        return f

    return make


def parts(steps, n):
    return lambda x: jnp.sin(jnp.stack([x * (i / steps) for i in range(steps)])).sum()


gradient = lambda make: lambda steps, n: jax.grad(make(steps, n))(half(n))

programs = {
    "products, plain": lambda steps, n: products(steps, n)(half(n)),
    "products, vjp": lambda steps, n: jax.vjp(products(steps, n), half(n))[1](jnp.ones(()))[0],
    "products, grad": gradient(products),
    "products, vmap(grad)": lambda steps, n: jax.vmap(jax.grad(products(steps, n)))(half(n)[None]),
    "products, jacrev": lambda steps, n: jax.jacrev(products(steps, n))(half(n)),
    "products, hvp": lambda steps, n: jax.jvp(jax.grad(products(steps, n)), (half(n),), (half(n),))[1],
    "block": gradient(sums(block)),
    "checkpoint(block)": gradient(sums(jax.checkpoint(block))),
    "loop": loop("kept"),
    "loop, true": loop("true"),
    "loop, sqrt": loop("sqrt"),
    "loop, log": loop("log"),
    "sines": gradient(determinant(lambda y: 0.0)),
    "sines and det": gradient(determinant(jnp.linalg.det)),
    "stack": lambda steps, n: jax.grad(parts(steps, n))(0.5),
    "stack, second": lambda steps, n: jax.grad(jax.grad(parts(steps, n)))(0.5),
}

measured(programs, lambda result: float(jnp.sum(jax.block_until_ready(result))))
