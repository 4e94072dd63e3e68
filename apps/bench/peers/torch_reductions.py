"""The times of src/micro/reductions.ts with PyTorch, on one thread: microseconds by name, as JSON."""

import json
import time

import torch

torch.set_num_threads(1)
size = 200_000
dtypes = {"float64": torch.float64, "float32": torch.float32, "int32": torch.int32}
operations = {
    "sum": lambda x, axis: x.sum(axis, dtype=x.dtype),
    "mean": lambda x, axis: x.mean(axis),
    "max": lambda x, axis: x.amax(axis),
    "min": lambda x, axis: x.amin(axis),
    "prod": lambda x, axis: x.prod(axis, dtype=x.dtype),
    "logsumexp": lambda x, axis: x.logsumexp(axis),
    "softmax": lambda x, axis: x.softmax(axis),
}
of_floats = ("mean", "logsumexp", "softmax")


def fastest(run):
    run()
    best = float("inf")
    end = time.perf_counter() + 0.03
    runs = 0
    while time.perf_counter() < end or runs < 10:
        runs += 1
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


times = {}
for dtype, own in dtypes.items():
    for length in (2, 3, 4, 10, 100, 10_000):
        n = size // length
        for place, shape, axis in (("last", (n, length), 1), ("first", (length, n), 0), ("middle", (max(1, n // 16), length, 16), 1)):
            for layout, step in (("whole", 1), ("every other", 2)):
                whole = (*shape[:-1], shape[-1] * step)
                scale = 10 if dtype == "int32" else 1
                total = 1
                for extent in whole:
                    total *= extent
                x = torch.linspace(0.5 * scale, 1.5 * scale, total, dtype=torch.float64).to(own).reshape(whole)[..., ::step]
                for name, operation in operations.items():
                    if dtype != "int32" or name not in of_floats:
                        times[f"{name} {dtype} {place} {layout} {length}"] = fastest(lambda: operation(x, axis))
print(json.dumps(times))
