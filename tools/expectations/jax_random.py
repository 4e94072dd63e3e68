"""Writes packages/random/test/expectations/jax.json: what JAX 0.10 draws, by its default generator and its default switches, which are
jax_threefry_partitionable = True and the "low" mode of its Gumbel numbers; jax_enable_x64 is on, without which there is no float64. Poisson numbers of a rate from 10 on and binomial ones of n p above 10 are left out: JAX
takes for each the last number that was accepted until all of an array were, we take the first.

Run from anywhere: python3 tools/expectations/jax_random.py

A case is [function, arguments after the key, seed, {dtype, shape, data}]. Keys and bits are given as the int32 that hold the same bits.
"""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # numpy.py beside this file is not NumPy
import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
assert jax.config.jax_threefry_partitionable
import jax.numpy as jnp
import jax.random as jr

OUT = Path(__file__).resolve().parents[2] / "packages/random/test/expectations/jax.json"
names = {"float64": jnp.float64, "float32": jnp.float32, "int32": jnp.int32}
cases = []


def signed(x):
    x = np.asarray(x)
    return x.view(np.int32) if x.dtype == np.uint32 else x


def case(op, args, seed, result):
    x = signed(result)
    if x.dtype == np.int64:
        x = x.astype(np.int32)
    data = [bool(v) if x.dtype == bool else float(v) if x.dtype.kind == "f" else int(v) for v in x.ravel()]
    cases.append([op, args, seed, {"dtype": str(x.dtype), "shape": list(x.shape), "data": data}])


data = jr.key_data
for seed in (0, 1, 42, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 - 1, -1, -(2**40)):
    case("key", [], seed, data(jr.key(seed)))
for seed in (0, 42, -7):
    k = jr.key(seed)
    for n in (1, 2, 5):
        case("split", [n], seed, data(jr.split(k, n)))
    case("split", [[2, 3]], seed, data(jr.split(k, (2, 3))))
    for number in (0, 1, 123456789, 2**31 + 5):
        case("foldIn", [number], seed, data(jr.fold_in(k, number)))
    for shape in ([], [1], [7], [2, 3], [0]):
        case("bits", [shape], seed, jr.bits(k, tuple(shape), np.uint32))
    for dtype in ("float64", "float32"):
        t = names[dtype]
        o = {"dtype": dtype}
        for shape in ([], [5], [2, 3]):
            s = tuple(shape)
            case("uniform", [shape, o], seed, jr.uniform(k, s, t))
            case("uniform", [shape, {"min": -3, "max": 5, **o}], seed, jr.uniform(k, s, t, -3, 5))
            case("normal", [shape, o], seed, jr.normal(k, s, t))
        case("normal", [[300], o], seed, jr.normal(k, (300,), t))

        for shape in ([4], [3, 2]):
            s = tuple(shape)
            for op in ("exponential", "laplace", "gumbel", "logistic", "cauchy"):
                case(op, [shape, o], seed, getattr(jr, op)(k, s, t))
            case("truncatedNormal", [shape, -1, 0.5, o], seed, jr.truncated_normal(k, -1.0, 0.5, s, t))
            for alpha in (0.05, 0.7, 1, 3.5, 1000):
                case("gamma", [shape, alpha, o], seed, jr.gamma(k, alpha, s, t))
            case("beta", [shape, 0.3, 2, o], seed, jr.beta(k, 0.3, 2.0, s, t))
            case("dirichlet", [shape, [0.5, 1, 3], o], seed, jr.dirichlet(k, jnp.array([0.5, 1, 3], t), s, t))
            case("studentT", [shape, 4, o], seed, jr.t(k, 4.0, s, t))
            case("ball", [shape, 3, o], seed, jr.ball(k, 3, 2, s, t))
            case("multivariateNormal", [shape, [1, -2], [[2, 0.5], [0.5, 1]], o], seed,
                 jr.multivariate_normal(k, jnp.array([1, -2], t), jnp.array([[2, 0.5], [0.5, 1]], t), s, t))
        # In float32 the factors are as far from JAX's as the normal matrix' condition says.
        if dtype == "float64":
            case("orthogonal", [[2], 3, o], seed, jr.orthogonal(k, 3, (2,), t))
    for shape in ([], [6], [2, 3]):
        s = tuple(shape)
        for low, high in ((0, 10), (-5, 7), (0, 2**31 - 1), (-(2**31), 2**31 - 1), (-(2**31), 2**31), (0, 1), (3, 2**16 + 4)):
            case("randint", [shape, low, high], seed, jr.randint(k, s, low, high, jnp.int32))
        case("bernoulli", [shape], seed, jr.bernoulli(k, 0.5, s))
        case("bernoulli", [shape, 0.2], seed, jr.bernoulli(k, 0.2, s))
        case("rademacher", [shape], seed, jr.rademacher(k, s, jnp.int32))
        for rate in (0, 0.3, 4, 9.9):
            case("poisson", [shape, rate], seed, jr.poisson(k, rate, s, jnp.int32))
        for n, p in ((1, 0.5), (10, 0.3), (20, 0.9), (5000, 0.001)):
            case("binomial", [shape, n, p], seed, jr.binomial(k, float(n), p, s).astype(jnp.int32))
        # An index of 32 bits, as without jax_enable_x64.
        index = lambda n, s: np.asarray(jr.randint(k, s, 0, n, jnp.int32))
        case("choice", [shape, 7], seed, index(7, s))
        case("choice", [shape, [1.5, 2.5, 3.5]], seed, np.array([1.5, 2.5, 3.5])[index(3, s)])
        case("choice", [shape, 3, {"p": [0.2, 0.5, 0.3]}], seed, jr.choice(k, 3, s, p=jnp.array([0.2, 0.5, 0.3])))
        case("choice", [shape, 8, {"replace": False}], seed, jr.choice(k, 8, s, replace=False))
        weights = [0.05, 0.2, 0.1, 0.25, 0.1, 0.15, 0.1, 0.05]
        case("choice", [shape, 8, {"replace": False, "p": weights}], seed, jr.choice(k, 8, s, replace=False, p=jnp.array(weights)))
        case("categorical", [[*shape, 2], [[0, 1, 2], [3, 0, 0]]], seed, jr.categorical(k, jnp.array([[0.0, 1, 2], [3, 0, 0]]), shape=(*s, 2)))
    case("categorical", [None, [[0, 1, 2], [3, 0, 0]], {"axis": 0}], seed, jr.categorical(k, jnp.array([[0.0, 1, 2], [3, 0, 0]]), axis=0))
    table = np.arange(24.0).reshape(4, 3, 2)
    rows = table.tolist()
    for n in (0, 1, 5, 100, 2000):
        case("permutation", [n], seed, jr.permutation(k, n))
    for axis in (0, 1, -1):
        case("permutation", [rows, {"axis": axis}], seed, jr.permutation(k, table, axis))
        case("permutation", [rows, {"axis": axis, "independent": True}], seed, jr.permutation(k, table, axis, independent=True))
        case("shuffle", [rows, axis], seed, jr.permutation(k, table, axis, independent=True))
    case("choice", [[2], rows, {"axis": 1}], seed, table[:, index(3, (2,))])
    case("choice", [[2], rows, {"axis": 1, "replace": False}], seed, jr.choice(k, table, (2,), axis=1, replace=False))

if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    print(f"{len(cases)} cases")
