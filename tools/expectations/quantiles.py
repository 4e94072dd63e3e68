"""Writes packages/random/test/expectations/quantiles.json: how the quantile of the gamma distribution changes with its shape, for
packages/random/test/implicit.test.ts.

Run from anywhere: python3 tools/expectations/quantiles.py

A case is [alpha, y, slope, second]: y = log x, and the first two derivatives of y by alpha where P(alpha, x) stays, by mpmath to 40 digits. The first
derivatives are held here to differences of SciPy's quantile function.
"""

import json
import sys
from pathlib import Path

sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]
from mpmath import mp, mpf
from scipy.special import gammainc, gammaincc, gammaincinv, gammainccinv

mp.dps = 40
OUT = Path(__file__).resolve().parents[2] / "packages/random/test/expectations/quantiles.json"


def log_quantile(alpha, u, upper, guess):
    """y where the lower or upper tail of exp(y) is u."""

    def rest(y):
        x = mp.exp(y)
        tail = mp.gammainc(alpha, x, mp.inf, regularized=True) if upper else mp.gammainc(alpha, 0, x, regularized=True)
        return mp.log(tail) - mp.log(u)

    return mp.findroot(rest, (guess, guess * (1 + mpf("1e-9")) + mpf("1e-9")), tol=mpf(10) ** -70)


def slopes(alpha, y):
    alpha, y = mpf(alpha), mpf(y)
    x = mp.exp(y)
    upper = x > alpha
    tail = mp.gammainc(alpha, x, mp.inf, regularized=True) if upper else mp.gammainc(alpha, 0, x, regularized=True)
    h = alpha * mpf(10) ** -8
    low, high = (log_quantile(alpha + side * h, tail, upper, y) for side in (-1, 1))
    # Richardson's extrapolation of central differences.
    low2, high2 = (log_quantile(alpha + side * 2 * h, tail, upper, y) for side in (-1, 1))
    first = (8 * (high - low) - (high2 - low2)) / (12 * h)
    second = (16 * (high + low) - (high2 + low2) - 30 * y) / (12 * h * h)
    return float(first), float(second)


cases = []
for alpha in (1e-3, 0.05, 0.3, 0.7, 1.0, 1.46, 2.0, 5.5, 30.0, 300.0, 3000.0):
    for p in (1e-10, 1e-3, 0.1, 0.35, 0.5, 0.8, 0.99, 1 - 1e-3, 1e-8):
        upper = p == 1e-8
        x = gammainccinv(alpha, p) if upper else gammaincinv(alpha, p)
        if x < 1e-300:
            continue
        y = float(mp.log(mpf(x)))
        first, second = slopes(alpha, y)
        step = alpha * 1e-5
        u = gammaincc(alpha, x) if upper else gammainc(alpha, x)
        inverse = gammainccinv if upper else gammaincinv
        difference = (inverse(alpha + step, u) - inverse(alpha - step, u)) / (2 * step)
        assert abs(difference / x - first) < 1e-5 * abs(first), (alpha, p, difference / x, first)
        cases.append([alpha, y, first, second])

OUT.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(f"{len(cases)} cases")
