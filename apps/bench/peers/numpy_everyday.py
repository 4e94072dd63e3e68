"""The times of the everyday names of src/micro/cases.ts with NumPy and SciPy, on one thread: OPENBLAS_NUM_THREADS=1 python3 numpy_everyday.py"""

import time

import numpy as np
import scipy.special

rng = np.random.default_rng(0)
x = rng.standard_normal(10**6)
whole = np.minimum(np.abs(300 * x), 999).astype(np.int32)
part = np.abs(np.sin(x[: 10**5]))
kernel = rng.standard_normal(31)
cases = {
    "diff": lambda: np.diff(x),
    "histogram of 100 bins": lambda: np.histogram(x, 100),
    "bincount": lambda: np.bincount(whole),
    "unique": lambda: np.unique(x),
    "median": lambda: np.median(x),
    "topK of 10": lambda: np.sort(np.partition(x, -10)[-10:])[::-1],
    "sort": lambda: np.sort(x),
    "convolve with 31": lambda: np.convolve(x, kernel),
    "gammainc": lambda: scipy.special.gammainc(2.5, part),
    "betainc": lambda: scipy.special.betainc(2.5, 3.5, part),
}
for name, run in cases.items():
    times = []
    for _ in range(10):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(f"  {name:48}{np.median(times) * 1e3:8.2f} ms{min(times) * 1e3:8.2f} ms")
