"""Writes packages/core/test/expectations/derivatives.json, and partials.json for functions of two numbers: derivatives up to the third, for
packages/core/test/numerics/derivatives.test.ts.

Run from anywhere: python3 tools/expectations/derivatives.py

A case is [argument, then for each order the derivative and its condition]: |x f'(x) / f(x)|, by which rounding the argument changes it.
Of functions of two numbers it is [x, y, then the same for the partial derivatives by x, y, xx, xy, yy, xxx, xxy, xyy, yyy].
Numbers that JSON cannot write are "inf", "-inf", "-0".
"""

import math
import struct
import sys

import sympy
from mpmath import mp, mpf
from special import OUT, both, encoded, inf, write

x, y = sympy.symbols("x y")
root_2 = sympy.sqrt(2)
half = sympy.Rational(1, 2)
everywhere = lambda v: True
positive = lambda v: v > 0
inside = lambda v: abs(v) < 1

FUNCTIONS = {
    "sqrt": (sympy.sqrt(x), positive),
    "rsqrt": (1 / sympy.sqrt(x), positive),
    "cbrt": (x ** sympy.Rational(1, 3), positive),
    "reciprocal": (1 / x, lambda v: v != 0),
    "square": (x**2, everywhere),
    "exp": (sympy.exp(x), everywhere),
    "exp2": (sympy.exp(x * sympy.log(2)), everywhere),
    "expm1": (sympy.exp(x) - 1, everywhere),
    "log": (sympy.log(x), positive),
    "log2": (sympy.log(x) / sympy.log(2), positive),
    "log10": (sympy.log(x) / sympy.log(10), positive),
    "log1p": (sympy.log(1 + x), lambda v: v > -1),
    "sin": (sympy.sin(x), everywhere),
    "cos": (sympy.cos(x), everywhere),
    "tan": (sympy.tan(x), everywhere),
    "asin": (sympy.asin(x), inside),
    "acos": (sympy.acos(x), inside),
    "atan": (sympy.atan(x), everywhere),
    "sinh": (sympy.sinh(x), everywhere),
    "cosh": (sympy.cosh(x), everywhere),
    "tanh": (sympy.tanh(x), everywhere),
    "asinh": (sympy.asinh(x), everywhere),
    "acosh": (sympy.acosh(x), lambda v: v > 1),
    "atanh": (sympy.atanh(x), inside),
    "sigmoid": (1 / (1 + sympy.exp(-x)), everywhere),
    "softplus": (sympy.log(1 + sympy.exp(x)), everywhere),
    "erf": (sympy.erf(x), everywhere),
    "erfc": (sympy.erfc(x), everywhere),
    "gelu": (x * sympy.erfc(-x / root_2) / 2, everywhere),
    "gelu approximate": (x / (1 + sympy.exp(-sympy.sqrt(8 / sympy.pi) * (x + x**3 * sympy.Float("0.044715", 60)))), everywhere),
    "silu": (x / (1 + sympy.exp(-x)), everywhere),
    "lgamma": (sympy.loggamma(x), positive),
    "digamma": (sympy.digamma(x), positive),
    # √x² is |x|, whose derivatives sympy leaves as they are.
    "softsign": (x / (1 + sympy.sqrt(x**2)), lambda v: v != 0),
    "sinc": (sympy.sin(sympy.pi * x) / (sympy.pi * x), everywhere),
    "logSigmoid": (-sympy.log(1 + sympy.exp(-x)), everywhere),
    "logit": (sympy.log(x / (1 - x)), lambda v: 0 < v < 1),
    "ndtr": (sympy.erfc(-x / root_2) / 2, everywhere),
}

SIZES = [1e-310, 1e-300, 1e-200, 1e-150, 1e-100, 1e-20, 1e-10, 1e-9, 1e-6, 1e-4, 1e-3, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 1 - 1e-6, 1 - 1e-10, 1 - 2**-53]
SIZES += [1.0, 1 + 2**-52, 1 + 1e-9, 1.1, 1.6, 2.0, 2.5, 3.7, 5.3, 10.2, 20.3, 30.4, 40.5, 101.0, 700.5, 720.0, 1000.5, 1e5, 1e8, 1e10, 1e16]
SIZES += [1e60, 1e100, 1e110, 1e150, 1e154, 1e160, 1e200, 1e300]
SINGLE = [1e-40, 1e-30, 1e-20, 1e-10, 1e-7, 1e-6, 1e-4, 1e-3, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9999, 1 - 2**-24, 1.0, 1 + 2**-23, 1.01, 1.6, 2.0, 2.5, 3.7]
SINGLE += [5.3, 10.2, 20.3, 30.4, 50.5, 88.0, 101.0, 1e4, 1e8, 1e10, 1e16, 1e20, 1e30]

PAIRS = {
    "hypot": sympy.sqrt(x**2 + y**2),
    "atan2": -sympy.atan(y / x),
    "logaddexp": sympy.log(sympy.exp(x) + sympy.exp(y)),
    "pow": x**y,
    "div": x / y,
}
WORDS = ["x", "y", "xx", "xy", "yy", "xxx", "xxy", "xyy", "yyy"]
POINTS = [1e-100, 1e-20, 1e-10, 1e-5, 0.01, 0.7, 1.0, 1.3, 3.0, 40.0, 1e5, 1e10, 1e20, 1e100]

single = lambda v: struct.unpack("f", struct.pack("f", v))[0]


def evaluated(f, *at):
    """f there, with as many digits as it takes for two of them to agree."""
    before = None
    for digits in (400, 1000, 2100):
        with mp.workdps(digits):
            value = mp.re(f(*map(mpf, at)))
            if before is not None and abs(value - before) <= abs(value) * mpf(10) ** -25:
                return +value
            before = value
    return before


def judged(derivative, change):
    """At a zero of the derivative that is no float64 nothing can be said: there the condition is infinite."""
    lost = change > abs(derivative) * mpf(10) ** 100
    condition = inf if lost else change / abs(derivative) if derivative else mpf(0)
    return [encoded(float(derivative)), encoded(float(mp.nstr(condition, 3)))]


def table_of_pairs():
    result = {}
    for name, expression in PAIRS.items():
        def derived(word):
            return sympy.lambdify((x, y), expression.diff(*[{"x": x, "y": y}[c] for c in word]), "mpmath")

        functions = {word: derived(word) for word in WORDS + ["xxxx", "xxxy", "xxyy", "xyyy", "yyyy"]}
        if name == "atan2":
            # atan2(x, y): the angle of the point (y, x).
            functions = {word: (lambda f: lambda u, v: -f(v, u))(functions["".join(sorted(word.translate({120: 121, 121: 120})))]) for word in functions}
        rows = []
        for u in POINTS:
            for v in POINTS:
                if name == "logaddexp" and max(u, v) > 1e3 or name == "pow" and abs(v * math.log(u)) > 600:
                    continue
                values = {word: evaluated(f, u, v) for word, f in functions.items()}
                row = [u, v]
                for word in WORDS:
                    # Of x^(y - 1) the exponent is rounded too.
                    more = abs(values[word] * math.log(u)) if name == "pow" else 0
                    row += judged(values[word], abs(u * values["x" + word]) + abs(v * values[word + "y"]) + more)
                rows.append(row)
        result[name] = rows
        print(name, len(rows), file=sys.stderr)
    return result


def table(sizes):
    result = {}
    for name, (expression, domain) in FUNCTIONS.items():
        derivatives = [expression.diff(x, k) for k in range(1, 5)]
        functions = [sympy.lambdify(x, d, "mpmath") for d in derivatives]
        rows = []
        for v in [0.0] + both(sizes):
            if not domain(v):
                continue
            # Exponentials of such sizes are 0 or infinite, and trigonometric functions have nothing to add.
            if abs(v) > 1e5 and any(expression.has(g) for g in (sympy.exp, sympy.erf, sympy.erfc, sympy.sinh, sympy.cosh, sympy.tanh)):
                continue
            try:
                values = [evaluated(f, v) for f in functions]
            except (ZeroDivisionError, ValueError):
                continue
            if any(not mp.isfinite(y) for y in values):
                continue
            row = [encoded(v)]
            for low, high in zip(values, values[1:]):
                row += judged(low, abs(mpf(v) * high))
            rows.append(row)
        result[name] = rows
        print(name, len(rows), file=sys.stderr)
    return result


if __name__ == "__main__":
    tables = table(SIZES)
    tables |= {f"{name} in float32": rows for name, rows in table([single(v) for v in SINGLE]).items()}
    write(OUT.with_name("derivatives.json"), tables)
    write(OUT.with_name("partials.json"), table_of_pairs())
