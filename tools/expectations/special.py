"""Writes packages/core/test/expectations/special.json: special functions at 50 digits, for packages/core/test/cpu/special.test.ts.

Run from anywhere, with mpmath installed: python3 tools/expectations/special.py
With the word `coefficients` behind it, prints the coefficients of packages/core/src/cpu/special.ts instead.

The file maps each function to a list of [argument, …, value]: doubles as shortest decimals, and the strings "inf", "-inf", "nan", "-0".
"""

import json
import math
import random
import sys
from fractions import Fraction
from pathlib import Path

import mpmath as mp

OUT = Path(__file__).resolve().parents[2] / "packages/core/test/expectations/special.json"
rng = random.Random(20240607)

# --- values -------------------------------------------------------------------------------------------------------------------


def double(v):
    """The nearest double, subnormal ones included."""
    v = mp.mpf(v)
    if not mp.isfinite(v):
        return float(v)
    try:
        return float(Fraction(int(v.man), 1) * Fraction(2) ** int(v.exp)) * (-1 if v._mpf_[0] and v.man > 0 else 1)
    except OverflowError:
        return math.copysign(math.inf, v)


def encode(v):
    if v != v:
        return "nan"
    if math.isinf(v):
        return "inf" if v > 0 else "-inf"
    if v == 0 and math.copysign(1, v) < 0:
        return "-0"
    return int(v) if v == int(v) and abs(v) < 2**53 else v


def uniform(lo, hi, n):
    return [rng.uniform(lo, hi) for _ in range(n)]


def spread(lo, hi, n):
    """Over orders of magnitude."""
    return [math.exp(rng.uniform(math.log(lo), math.log(hi))) for _ in range(n)]


def near(points, n=4):
    """Neighbours of each point at a few distances, and the next doubles."""
    out = []
    for p in points:
        out += [math.nextafter(p, math.inf), math.nextafter(p, -math.inf)]
        out += [p + s * d for d in spread(1e-14, 1e-2, n) for s in (1, -1)]
    return out


def signed(xs):
    return [x for a in xs for x in (a, -a)]


TINY = [5e-324, 2.2250738585072014e-308, 1e-300, 1e-160, 1e-100, 1e-20]
HUGE = [1e16, 1e20, 1e100, 1e160, 1e300, 1.7976931348623157e308]


def log_add(x, y):
    return mp.log(mp.exp(x) + mp.exp(y))


def functions():
    gamma_points = (
        uniform(0, 3, 120) + uniform(3, 12, 80) + spread(1e-12, 1, 40) + spread(12, 1e12, 40) + near([0.75, 1, 1.4616321449683622, 2, 2.5, 3, 7])
        + TINY + HUGE + [1, 2, 3, 0.5, 7, 8, 100]
    )
    below = uniform(-3, 0, 120) + uniform(-30, -3, 80) + uniform(-1000, -30, 30) + [-x for x in spread(1e-12, 1, 30)] + near([-1, -2, -3, -10], 3)
    below = [x for x in below if x != int(x)] + [-x for x in TINY]
    yield "erf", signed(uniform(0, 1, 90) + uniform(0, 6, 60) + spread(1e-10, 1, 30) + near([0.47, 0.5, 1], 3) + TINY + HUGE[:3]), mp.erf
    yield "erfc", (
        uniform(-6, 6, 80) + uniform(0, 1, 60) + uniform(0.4, 27.3, 160) + uniform(26, 27.3, 60) + near([0.47, 4, 27.226], 3) + signed(TINY) + [28.5, 1e3]
    ), mp.erfc
    yield "erfInv", signed(uniform(0, 1, 120) + spread(1e-10, 1, 30) + [1 - d for d in spread(2e-16, 0.5, 60)] + TINY + [0.5, 1 - 2**-53]), mp.erfinv
    yield "lgamma", [x for x in gamma_points if x < 1e305] + below, lambda x: mp.log(abs(mp.gamma(x))) if abs(x) < 1e3 else mp.re(mp.loggamma(x))
    yield "digamma", gamma_points + below, mp.digamma
    orders = (
        [(n, x) for n in (1, 2, 3) for x in uniform(0, 3, 50) + uniform(3, 20, 40) + spread(1e-12, 1, 10) + spread(20, 1e12, 10) + [1e50, 1e100]]
        + [(n, x) for n in (1, 2, 3) for x in uniform(-12, 0, 50) + [-x for x in spread(1e-9, 1, 8)] + near([-1, -4], 2)]
        + [(n, x) for n in (4, 6, 10, 20) for x in uniform(0, 40, 20)]
    )
    yield "polygamma", orders, lambda n, x: mp.psi(int(n), x)
    powers = list(zip(spread(1e-30, 1e30, 100), uniform(-10, 10, 100))) + list(zip(spread(0.5, 2, 60), uniform(-700, 700, 60)))
    powers += [(2.0, float(k)) for k in range(-1074, 1024, 13)] + [(10.0, float(k)) for k in range(-30, 31)]
    powers += [(float(rng.randint(-12, 12) or 3), float(rng.randint(-9, 15))) for _ in range(80)] + [(x, 2.0) for x in uniform(-9, 9, 20)]
    yield "pow", powers, lambda x, y: mp.mpf(x) ** (int(y) if y == int(y) else y)
    pairs = list(zip(signed(spread(1e-3, 1e3, 40)), signed(spread(1e-3, 1e3, 40))))
    pairs += list(zip(spread(1e-323, 1e-290, 40), spread(1e-323, 1e-290, 40))) + list(zip(spread(1e290, 1.2e308, 40), spread(1e290, 1.2e308, 40)))
    pairs += list(zip(spread(1e-170, 1e-130, 40), spread(1e-170, 1e-130, 40))) + list(zip(spread(1e130, 1e170, 30), spread(1e-170, 1e170, 30)))
    yield "hypot2", pairs + [(3.0, 4.0), (3e200, 4e200), (0.0, 5e-324), (1e-160, 0.0)], mp.hypot
    yield "logaddexp", (
        list(zip(uniform(-3, 30, 120), uniform(-3, 30, 120))) + list(zip(uniform(-800, 800, 80), uniform(-800, 800, 80)))
        + [(x, x + d) for x, d in zip(uniform(-50, 50, 40), uniform(-1, 1, 40))] + [(0.0, 0.0), (1e300, 1e300), (-1e300, -1e300), (-0.7, -0.7)]
    ), log_add
    line = uniform(-40, 40, 160) + uniform(-745, 710, 80) + signed(TINY) + [-750.0, 1e4]
    yield "softplus", line, lambda x: mp.log1p(mp.exp(x)) if x > -1e4 else mp.exp(x)
    yield "sigmoid", line, lambda x: 1 / (1 + mp.exp(-x))
    # What Math has is taken from there; these points say that it may be.
    positive = spread(1e-300, 1e300, 80) + uniform(0.5, 2, 60)
    yield "log2", positive + [2.0**k for k in range(-1074, 1024, 97)], lambda x: mp.log(x, 2)
    yield "log10", positive + [float(f"1e{k}") for k in range(0, 23)], lambda x: mp.log(x, 10)
    yield "cbrt", signed(positive) + [float(k**3) for k in range(1, 40)], lambda x: mp.sign(x) * mp.cbrt(abs(x))


def write():
    mp.mp.dps = 60
    table = {}
    for name, points, f in functions():
        rows = []
        for args in points:
            args = args if isinstance(args, tuple) else (args,)
            # The digits that cancel where arguments are huge or tiny, besides fifty.
            mp.mp.dps = 60 if all(a == 0 or 1e-9 < abs(a) < 1e4 for a in args) else 400
            rows.append([*map(encode, args), encode(double(f(*map(mp.mpf, args))))])
        table[name] = rows
    lines = ",\n".join(f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, rows)) + "\n]" for name, rows in table.items())
    OUT.write_text("{\n" + lines + "\n}\n")
    print(", ".join(f"{name} {len(rows)}" for name, rows in table.items()))


# --- coefficients ---------------------------------------------------------------------------------------------------------------


def nodes(lo, hi, n):
    return [(lo + hi) / 2 + (hi - lo) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n)) for i in range(n)]


def value(c, t):
    return mp.polyval(c[::-1], t)


def interpolate(f, lo, hi, p, q):
    """P, Q with P(0) … of degrees p and q, Q(0) = 1, and P/Q = f at p + q + 1 Chebyshev nodes."""
    ts = nodes(lo, hi, p + q + 1)
    a = mp.matrix(len(ts), len(ts))
    b = mp.matrix(len(ts), 1)
    for i, t in enumerate(ts):
        y = f(t)
        a[i, :] = mp.matrix([[t**j for j in range(p + 1)] + [-y * t**j for j in range(1, q + 1)]])
        b[i] = y
    s = list(mp.lu_solve(a, b))
    return s[: p + 1], [mp.mpf(1)] + s[p + 1 :]


def shorten(c, reach, least):
    """The fewest digits of each coefficient that change the sum by at most 4e-18 of its least value."""
    out = []
    for i, v in enumerate(c):
        texts = [f"{float(v):.{d}e}" for d in range(16)] + [repr(float(v))]
        out.append(next((t for t in texts if abs(mp.mpf(float(t)) - v) * reach**i < 4e-18 * least), texts[-1]))
    return [float(t) for t in out]


def fit(name, f, lo, hi, p, q=0):
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    exact = interpolate(f, lo, hi, p, q)
    reach = max(abs(lo), abs(hi))
    short = [shorten(c, reach, min(abs(value(c, t)) for t in nodes(lo, hi, 60))) for c in exact]
    worst = max(abs(value(short[0], t) / value(short[1], t) / f(t) - 1) for t in nodes(lo, hi, 151))
    print(f"{name}: relative error {mp.nstr(worst, 2)}")
    for c in short[: 2 if q else 1]:
        print("  [" + ", ".join(map(repr, c)) + "]")


def coefficients():
    mp.mp.dps = 80
    shift = mp.mpf(10) ** -38  # steps past removable singularities

    def erf_near(u):
        x = mp.sqrt(u + shift)
        return mp.erf(x) / x

    def erfc_far(t):
        x = 4 * (1 + t) / (1 - t)
        return mp.exp(x * x) * mp.erfc(x) * (1 + 2 * x)

    def gamma_mid(x):
        x += shift
        return mp.loggamma(x) / ((x - 1) * (x - 2))

    zero = mp.findroot(mp.digamma, 1.46)

    def psi_mid(t):
        x = t + 1 + shift
        return mp.digamma(x) / (x - zero)

    def stirling(y):
        x = 1 / mp.sqrt(y + shift)
        return (mp.loggamma(x) - ((x - 0.5) * mp.log(x) - x + mp.log(2 * mp.pi) / 2)) * x

    def psi_far(y):
        x = 1 / mp.sqrt(y + shift)
        return (mp.log(x) - 1 / (2 * x) - mp.digamma(x)) * x * x

    fit("erfNear", erf_near, 0, mp.mpf("0.47") ** 2, 8)
    fit("erfcFar", erfc_far, mp.mpf("-3.53") / mp.mpf("4.47"), mp.mpf("23.3") / mp.mpf("31.3"), 21)
    fit("gammaOver, gammaUnder", gamma_mid, 0.75, 2.5, 8, 8)
    fit("stirling", stirling, 0, mp.mpf(1) / 49, 5)
    fit("psiOver, psiUnder", psi_mid, 0, 1.5, 6, 6)
    fit("psiFar", psi_far, 0, mp.mpf(1) / 49, 6)
    print("zero of digamma:", repr(float(zero)), repr(float(zero - float(zero))))


if __name__ == "__main__":
    coefficients() if sys.argv[1:] == ["coefficients"] else write()
