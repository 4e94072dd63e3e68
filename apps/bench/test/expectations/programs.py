"""Writes programs.json: what JAX gives for src/programs, as digests."""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "..", "peers"))

import jax
import jax.numpy as jnp
import numpy as np

from answer import digest, numbers
from jax_models import programs

jax.config.update("jax_enable_x64", True)


def make(seed, shape, scale=1.0):
    return jnp.asarray(numbers(seed, int(np.prod(shape)), scale).reshape(shape))


found = {}
for name, (inputs, value, derivative) in programs(make).items():
    for part, f in (("value", value), ("derivative", derivative)):
        found[f"{name}: {part}"] = digest(np.asarray(jax.jit(f)(*inputs()), dtype=np.float64).ravel())
with open(os.path.join(here, "programs.json"), "w") as file:
    file.write("{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in found.items()) + "\n}\n")
