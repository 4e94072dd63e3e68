"""The times of the factorisations of src/micro/cases.ts with NumPy, on one thread: python3 numpy_linalg.py"""

import os
import time

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
import scipy.linalg  # noqa: E402

rng = np.random.default_rng(0)
linalg = np.linalg
cases = {}
for shape in ((1000, 3, 3), (200, 10, 10), (200, 200)):
    x = rng.standard_normal(shape)
    size = list(shape)
    cases[f"qr of {size}"] = lambda x=x: linalg.qr(x)
    cases[f"eigh of {size}"] = lambda x=x: linalg.eigh(x + x.swapaxes(-1, -2))
    cases[f"svd of {size}"] = lambda x=x: linalg.svd(x, full_matrices=False)
low = rng.standard_normal((200, 5)) @ rng.standard_normal((5, 200))
tall, tens = rng.standard_normal((1000, 50)), rng.standard_normal((200, 10, 10))
cases["svd of rank 5"] = lambda: linalg.svd(low)
cases["qr of [1000, 50]"] = lambda: linalg.qr(tall)
cases["expm of [200, 10, 10]"] = lambda: scipy.linalg.expm(tens)
for name, run in cases.items():
    times = []
    for _ in range(30):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(f"  {name:48}{np.median(times) * 1e3:8.2f} ms{min(times) * 1e3:8.2f} ms")
