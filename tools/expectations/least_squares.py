"""Answers of SciPy's least_squares and curve_fit, for packages/solve/test/least-squares.test.ts and curve-fit.test.ts.

    python3 tools/expectations/least_squares.py
"""

import json
import pathlib

import sys

sys.path.pop(0)  # numpy.py stands beside this file
import numpy as np
import scipy
from scipy.optimize import curve_fit, least_squares
from scipy.stats import t

x = np.linspace(0, 4, 9)
y = 3 * np.exp(-0.7 * x) + 0.5 + np.array([0.05, -0.08, 0.02, 0.9, -0.03, 0.04, -0.7, 0.01, 0.02])
sigma = np.array([0.1, 0.2, 0.1, 0.5, 0.1, 0.1, 0.4, 0.1, 0.2])
tight = dict(xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=10000)


def model(x, a, k, c):
    return a * np.exp(-k * x) + c


def slopes(x, a, k, c):
    return np.stack([np.exp(-k * x), -a * x * np.exp(-k * x), np.ones_like(x)], 1)


def residuals(p):
    return model(x, *p) - y


out = {"scipy": scipy.__version__, "x": x, "y": y, "sigma": sigma, "losses": {}, "bounds": {}, "fits": {}, "quantiles": []}
for ours, loss in {"linear": "linear", "softL1": "soft_l1", "huber": "huber", "cauchy": "cauchy"}.items():
    r = least_squares(residuals, [2, 1, 0], lambda p: slopes(x, *p), loss=loss, f_scale=0.1, **tight)
    out["losses"][ours] = {"x": r.x, "cost": r.cost}
bounds = ([0, 0, 0.6], [2.5, 10, 1])
r = least_squares(residuals, [2, 1, 0.8], lambda p: slopes(x, *p), bounds=bounds, method="dogbox", **tight)
out["bounds"] = {"bounds": bounds, "x": r.x, "cost": r.cost}
for name, (s, absolute) in {"plain": (None, False), "sigma": (sigma, False), "absolute": (sigma, True), "matrix": (np.diag(sigma**2) + 0.005, True)}.items():
    p, cov = curve_fit(model, x, y, [2, 1, 0], sigma=s, absolute_sigma=absolute, jac=slopes, method="lm", xtol=1e-15, ftol=1e-15)
    out["fits"][name] = {"sigma": s, "absolute": absolute, "params": p, "covariance": cov}
out["quantiles"] = [[p, n, t.ppf(p, n)] for p in [0.6, 0.975, 0.9995] for n in [1, 2, 3, 4, 5, 30, 101, 1000]]


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


path = pathlib.Path(__file__).parents[2] / "packages/solve/test/expectations/least-squares.json"
path.write_text(json.dumps(plain(out), indent=1) + "\n")
