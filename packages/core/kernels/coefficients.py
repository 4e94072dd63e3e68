"""Prints the polynomials and the split constants of constants.ts.

Run from anywhere: python3 packages/core/kernels/coefficients.py
A polynomial interpolates in Chebyshev points, which leaves errors near the smallest possible; lowest power first.
"""

import math

from mpmath import mp, mpf

mp.dps = 60


def polynomial(series, low, high, count):
    """Of a function that is the sum of series(k)·t^k, on [low, high]."""
    low, high = mpf(low), mpf(high)
    points = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    powers = mp.matrix([[t**j for j in range(count)] for t in points])
    values = mp.matrix([mp.fsum(series(k) * t**k for k in range(60)) for t in points])
    return list(mp.lu_solve(powers, values))


def parts(x, *bits):
    """x as a sum of numbers of so many bits."""
    result = []
    for count in bits:
        unit = mpf(2) ** (mp.floor(mp.log(abs(x), 2)) - count + 1)
        result.append(mp.nint(x / unit) * unit)
        x -= result[-1]
    return result


half_ln2 = mp.log(2) / 2 * mpf("1.0001")
eighth_turn = (mp.pi / 4) ** 2 * mpf("1.0001")
root_two = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mpf("1.0001")

# Function, its series, its range, the number of terms in float64 and in float32.
tables = [
    ("(exp(t) - 1 - t) / t^2", lambda k: 1 / mp.factorial(k + 2), -half_ln2, half_ln2, 10, 5),
    ("(log((1 + s) / (1 - s)) / s - 2) / t, t = s^2", lambda k: mpf(2) / (2 * k + 3), 0, root_two, 7, 3),
    ("(sin(r) / r - 1) / t, t = r^2", lambda k: (-1) ** (k + 1) / mp.factorial(2 * k + 3), 0, eighth_turn, 6, 3),
    ("(cos(r) - 1 + t / 2) / t^2, t = r^2", lambda k: (-1) ** k / mp.factorial(2 * k + 4), 0, eighth_turn, 6, 3),
]
for title, series, low, high, wide, narrow in tables:
    print(title)
    print("  f64", ", ".join(repr(float(c)) for c in polynomial(series, low, high, wide)))
    print("  f32", ", ".join(mp.nstr(c, 9) for c in polynomial(series, low, high, narrow)))
for title, value, wide, narrow in [
    ("ln 2", mp.log(2), (40, 53), (14, 24)),
    ("log10 2", mp.log10(2), (40, 53), (14, 24)),
    ("pi / 2", mp.pi / 2, (33, 33, 53), ()),
]:
    print(title)
    print("  f64", ", ".join(repr(float(c)) for c in parts(value, *wide)))
    print("  f32", ", ".join(mp.nstr(c, 9) for c in parts(value, *narrow)))
print("log2 e", 1 / math.log(2), "log10 e", 1 / math.log(10), "2 / pi", 2 / math.pi)
