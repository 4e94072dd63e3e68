"""Writes packages/solve/test/expectations/optax.json: what Optax makes of the same gradients, and what its schedules give.

Run from anywhere: python3 tools/expectations/optax.py. It needs Optax 0.2.8; jax_enable_x64 is on. Schedules get float64
counts: of int32 counts JAX makes float32 numbers.
"""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # numpy.py and this file are not the packages
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
import optax

OUT = Path(__file__).resolve().parents[2] / "packages/solve/test/expectations/optax.json"
steps = 12
rng = np.random.default_rng(18)
params = {"b": np.float64(0.3), "w": rng.normal(size=(2, 3))}
gradients = [{"b": np.float64(rng.normal()), "w": rng.normal(size=(2, 3)) * 10.0 ** rng.integers(-3, 2)} for _ in range(steps)]
plain = lambda tree: jax.tree.map(lambda x: np.asarray(x).tolist(), tree)

schedules = {
    "constantSchedule": [(optax.constant_schedule(0.1), [0.1])],
    "linearSchedule": [(optax.linear_schedule(0.0, 1.0, 10), [0, 1, 10]), (optax.linear_schedule(1.0, 0.25, 7, 3), [1, 0.25, 7, {"transitionBegin": 3}])],
    "polynomialSchedule": [(optax.polynomial_schedule(1.0, 0.1, 2.5, 20, 2), [1, 0.1, 2.5, 20, {"transitionBegin": 2}])],
    "exponentialDecay": [
        (optax.exponential_decay(0.5, 6, 0.7), [0.5, 6, 0.7]),
        (optax.exponential_decay(0.5, 6, 0.7, 4, True, 0.2), [0.5, 6, 0.7, {"transitionBegin": 4, "staircase": True, "endValue": 0.2}]),
        (optax.exponential_decay(0.5, 6, 1.3, 0, False, 0.9), [0.5, 6, 1.3, {"endValue": 0.9}]),
    ],
    "cosineDecaySchedule": [(optax.cosine_decay_schedule(0.3, 25), [0.3, 25]), (optax.cosine_decay_schedule(0.3, 25, 0.1, 2.0), [0.3, 25, {"alpha": 0.1, "exponent": 2}])],
    "piecewiseConstantSchedule": [(optax.piecewise_constant_schedule(1.0, {5: 0.1, 20: 0.5}), [1, {"5": 0.1, "20": 0.5}])],
    "warmupCosineDecaySchedule": [(optax.warmup_cosine_decay_schedule(0.01, 0.5, 6, 30, 0.05, 1.5), [0.01, 0.5, 6, 30, {"endValue": 0.05, "exponent": 1.5}])],
    "warmupExponentialDecaySchedule": [
        (optax.warmup_exponential_decay_schedule(0.0, 0.5, 6, 5, 0.6, 2, True, 0.1), [0, 0.5, 6, 5, 0.6, {"transitionBegin": 2, "staircase": True, "endValue": 0.1}])
    ],
}
counts = [0, 1, 3, 5, 6, 7, 12, 20, 21, 29, 30, 50]
values = [[name, args, [float(schedule(jnp.asarray(c, jnp.float64))) for c in counts]] for name, cases in schedules.items() for schedule, args in cases]

optimizers = [
    ["sgd", [0.1], optax.sgd(0.1)],
    ["sgd", [0.1, {"momentum": 0.9}], optax.sgd(0.1, 0.9)],
    ["sgd", [0.1, {"momentum": 0.9, "nesterov": True}], optax.sgd(0.1, 0.9, True)],
    ["adam", [0.1], optax.adam(0.1)],
    ["adam", [0.1, {"b1": 0.8, "b2": 0.95, "eps": 1e-4, "epsRoot": 1e-3}], optax.adam(0.1, 0.8, 0.95, 1e-4, 1e-3)],
    ["adam", [0.1, {"nesterov": True}], optax.adam(0.1, nesterov=True)],
    ["adamw", [0.1], optax.adamw(0.1)],
    ["adamw", [0.1, {"weightDecay": 0.3, "nesterov": True}], optax.adamw(0.1, weight_decay=0.3, nesterov=True)],
    ["rmsprop", [0.1], optax.rmsprop(0.1)],
    ["rmsprop", [0.1, {"decay": 0.5, "eps": 1e-3, "initialScale": 1, "epsInSqrt": False}], optax.rmsprop(0.1, 0.5, 1e-3, 1.0, False)],
    ["rmsprop", [0.1, {"centered": True, "momentum": 0.7, "nesterov": True, "eps": 0.01}], optax.rmsprop(0.1, eps=0.01, centered=True, momentum=0.7, nesterov=True)],
    ["lion", [0.1], optax.lion(0.1)],
    ["lion", [0.1, {"b1": 0.5, "b2": 0.7, "weightDecay": 0.2}], optax.lion(0.1, 0.5, 0.7, weight_decay=0.2)],
    ["clipByGlobalNorm", [1], optax.clip_by_global_norm(1.0)],
    ["addDecayedWeights", [0.1], optax.add_decayed_weights(0.1)],
    ["scaleByAdam", [], optax.scale_by_adam()],
    ["trace", [0.9, {"nesterov": True}], optax.trace(0.9, True)],
    ["scaleByLearningRate", [0.2], optax.scale_by_learning_rate(0.2)],
]
wave = optax.warmup_cosine_decay_schedule(0.01, 0.5, 4, 10)
schedule = lambda count: wave(count.astype(jnp.float64))
optimizers += [[op, ["schedule"], getattr(optax, op)(schedule)] for op in ("sgd", "adam", "adamw", "rmsprop", "lion")]
optimizers += [["chain", [], optax.chain(optax.clip_by_global_norm(1.0), optax.adam(schedule))]]


def run(optimizer):
    own, state, trail = params, optimizer.init(params), []
    for g in gradients:
        updates, state = optimizer.update(g, state, own)
        own = optax.apply_updates(own, updates)
        trail.append(plain(own))
    return trail


cases = [[op, args, run(optimizer)] for op, args, optimizer in optimizers]
OUT.write_text(
    json.dumps({"params": plain(params), "gradients": plain(gradients), "counts": counts, "schedules": values, "optimizers": cases}) + "\n"
)
