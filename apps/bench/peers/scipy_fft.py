"""The times of the transforms of src/micro/cases.ts with SciPy, on one thread: python3 scipy_fft.py"""

import time

import numpy as np
import scipy.fft

n = 2**20
rng = np.random.default_rng(0)
z = rng.standard_normal(n) + 1j * rng.standard_normal(n)
lines = z.reshape(2**10, 2**10)
cases = {
    "fft": lambda: scipy.fft.fft(z, workers=1),
    "rfft": lambda: scipy.fft.rfft(z.real, workers=1),
    "fft of 2^10 lines": lambda: scipy.fft.fft(lines, workers=1),
    "fft of 2^10 columns": lambda: scipy.fft.fft(lines, axis=0, workers=1),
}
for name, run in cases.items():
    times = []
    for _ in range(30):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(f"  {name:48}{np.median(times) * 1e3:8.2f} ms{min(times) * 1e3:8.2f} ms")
