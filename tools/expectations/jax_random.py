"""Writes packages/random/test/expectations/jax.json: what JAX 0.10 draws, by its default generator and its default switches, which are
jax_threefry_partitionable = True and the "low" mode of its Gumbel numbers; jax_enable_x64 is on, without which there is no float64.

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

# LATER

if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    print(f"{len(cases)} cases")
