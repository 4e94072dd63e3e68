"""Writes packages/core/test/expectations/special.json: special and elementary functions to 50 digits, as cases for packages/core/test/primitives/special.test.ts;
and beside it slopes.json for packages/core/test/numerics/slopes.test.ts.

Run from anywhere: python3 tools/expectations/special.py
With --coefficients it prints the polynomials of packages/core/src/primitives/special.ts instead, highest power first.

A case is [arguments..., result, rest]: result is the float64 nearest to the true value, and result + rest * ulp(result) is that value.
Numbers that JSON cannot write are "nan", "inf", "-inf", "-0".
"""

import json
import math
import random
import sys
from pathlib import Path

from mpmath import mp, mpf

mp.dps = 50
OUT = Path(__file__).resolve().parents[2] / "packages/core/test/expectations/special.json"
inf, nan = math.inf, math.nan
rng = random.Random(20240607)


# --- coefficients -------------------------------------------------------------------------------------------------------------


def polynomial(f, low, high, center=0, unit=1, degrees=48):
    """f on [low, high], from its interpolation in Chebyshev points, as the decimals of a polynomial in (t - center) / unit.

    The unit makes the coefficients about as large as each other, and so their decimals short.

    As many terms, and as many decimals of each, as leave errors near 2^-56 relative to the smallest value.
    """
    low, high, center = mpf(low), mpf(high), mpf(center)
    angles = [mp.pi * (2 * k + 1) / (2 * degrees) for k in range(degrees)]
    points = [(low + high) / 2 + (high - low) / 2 * mp.cos(a) for a in angles]
    values = [f(p) for p in points]
    series = [2 * mp.fsum(v * mp.cos(j * a) for v, a in zip(values, angles)) / degrees for j in range(degrees)]
    series[0] /= 2
    allowed = min(abs(v) for v in values) * mpf(2) ** -56
    count = next(n for n in range(degrees) if sum(abs(c) for c in series[n:]) < allowed)
    # T_j of the scaled variable as a polynomial in t - center: T_{j+1} = 2 s T_j - T_{j-1} with s = a + b (t - center).
    b = 2 / (high - low)
    a = (2 * center - low - high) / (high - low)
    before, now = [mpf(1)], [a, b]
    sums = [mpf(0)] * count
    for j in range(count):
        term = before
        for k, c in enumerate(term):
            sums[k] += series[j] * c
        following = [mpf(0)] * (len(now) + 1)
        for k, c in enumerate(now):
            following[k] += 2 * a * c
            following[k + 1] += 2 * b * c
        for k, c in enumerate(before):
            following[k] -= c
        before, now = now, following
    sums = [c * mpf(unit) ** k for k, c in enumerate(sums)]
    reach = max(abs(low - center), abs(high - center)) / mpf(unit)
    result = []
    for k, c in enumerate(sums):
        decimals = int(mp.ceil(-mp.log10(allowed / reach**k)))
        figures = min(17, max(1, decimals + 1 + int(mp.floor(mp.log10(abs(c))))))
        text = mp.nstr(c, figures, strip_zeros=True, min_fixed=-6, max_fixed=20)
        result.append(repr(float(text)))
    return result[::-1]


def coefficients():
    def scaled(t):
        x = 3 * (1 + t) / (1 - t)
        return (x + 1) * mp.exp(x * x) * mp.erfc(x)

    def odd(s):
        return mp.erf(mp.sqrt(s)) / mp.sqrt(s)

    root = mp.findroot(mp.digamma, mpf("1.4616")) - 1

    def rest(u):
        return mp.digamma(1 + u) / (u - root) - mp.fsum(1 / ((root + k) * (u + k)) for k in range(1, 7))

    tables = {
        "erf": polynomial(odd, 0, mpf("0.2501"), 0, 8),
        "erfc": polynomial(scaled, mpf("-2.5") / mpf("3.5"), mpf("24.5") / mpf("30.5"), 0, 2),
        "lgamma": polynomial(lambda u: mp.loggamma(1 + u) / (u * (u - 1)), 0, 1.25, 0.625, 2),
        "digamma": polynomial(rest, 0, 1, 0.5, 8),
    }
    high = float(root)
    print("root of digamma, less 1:", repr(high), "+", repr(float(root - mpf(high))))
    for name, numbers in tables.items():
        print(f"const {name} = [{', '.join(numbers)}];  // {len(numbers)}")


# --- cases --------------------------------------------------------------------------------------------------------------------


def encoded(v):
    if v != v:
        return "nan"
    if v in (inf, -inf):
        return "inf" if v > 0 else "-inf"
    if v == 0:
        return "-0" if math.copysign(1, v) < 0 else 0
    return int(v) if v == int(v) and abs(v) < 2**53 else v


def nearest(true):
    """The nearest float64 and what it lacks, in units in its last place."""
    value = float(true)
    if math.isinf(value) or value == 0:
        return value, 0.0
    return value, float((true - mpf(value)) / mpf(math.ulp(value)))


def case(f, *args):
    """f answers a number of mpmath, which is rounded, or a float, which is the answer itself."""
    true = f(*args)
    value, rest = (true, 0.0) if isinstance(true, float) else nearest(true)
    return [encoded(a) for a in args] + [encoded(value), round(rest, 2)]


def uniform(low, high, n):
    return [rng.uniform(low, high) for _ in range(n)]


def powers(low, high, n):
    """Positive numbers between 10^low and 10^high, evenly by magnitude."""
    return [10 ** rng.uniform(low, high) for _ in range(n)]


def around(points, spread=(1e-3, 1e-6, 1e-9)):
    result = []
    for p in points:
        result += [p, math.nextafter(p, -inf), math.nextafter(p, inf)]
        result += [p + s * d * rng.uniform(0.5, 1) for s in spread for d in (1, -1)]
    return result


def of(f, special):
    """f for finite arguments of mpmath; `special` says the rest."""

    def answer(x):
        for at, value in special:
            if (x != x and at != at) or (x == at and math.copysign(1, x) == math.copysign(1, at)):
                return value
        return f(mpf(x))

    return answer


ENDS = [0.0, -0.0, inf, -inf, nan]


def one(f, special, *points):
    g = of(f, special)
    xs = [at for at, _ in special] + [x for part in points for x in part]
    return [case(g, x) for x in dict.fromkeys(map(repr, xs)) for x in [float(x)]]


def both(xs):
    return xs + [-x for x in xs]


def errors():
    xs = uniform(0, 0.5, 60) + uniform(0.5, 3, 80) + uniform(3, 7, 20) + around([0.5, 1.0]) + powers(-300, -1, 15) + [5e-324, 1e-310]
    tail = uniform(3, 26.5, 120) + uniform(26.4, 27.3, 12) + [27.2, 27.3, 28.0, 30.0, 1e10, 1.7e308]
    erf = one(mp.erf, [(0.0, 0.0), (-0.0, -0.0), (inf, 1.0), (-inf, -1.0), (nan, nan)], both(xs), [28.0, -30.0, 1e300])
    # Beyond 28 the true value is below every float64, and mpmath takes its time.
    def complement(x):
        return mp.erfc(x) if x < 100 else mpf(0)

    erfc = one(complement, [(0.0, 1.0), (-0.0, 1.0), (inf, 0.0), (-inf, 2.0), (nan, nan)], both(xs), tail)
    return erf, erfc


def gammas():
    regular = uniform(0, 1, 40) + uniform(1, 2, 50) + uniform(2, 3.2, 40) + uniform(3, 10.5, 60) + uniform(10, 60, 30)
    regular += around([1.0, 2.0, 2.5, 3.5, 10.0], (0.1, 1e-2, 1e-3, 1e-6, 1e-9)) + powers(2, 17, 30) + powers(-307, -1, 25) + [5e-324, 1e-310]
    negative = [-x for x in uniform(0, 1, 40) + uniform(1, 6, 60) + uniform(6, 40, 40) + powers(-307, -1, 15) + powers(2, 6, 10)]
    negative += [x for x in around([-1.0, -2.0, -3.0, -10.0], (1e-2, 1e-5)) if x != int(x)]
    poles = [0.0, -0.0, -1.0, -2.0, -3.0, -170.0, -1e15, -1e300]
    def real(x):
        return mp.re(mp.loggamma(x))

    lgamma = one(real, [(x, inf) for x in [*poles, inf, -inf]] + [(nan, nan), (1.0, 0.0), (2.0, 0.0)], regular, negative, powers(18, 305, 20))
    root = 1.4616321449683622
    special = [(0.0, -inf), (-0.0, inf), (inf, inf), (-inf, nan), (nan, nan)] + [(x, nan) for x in poles[2:]]
    digamma = one(mp.digamma, special, regular, negative, powers(18, 305, 10), around([root], (1e-2, 1e-4, 1e-6, 1e-9, 1e-12)))
    return lgamma, digamma


def polygamma(n, x):
    if x != x:
        return nan
    sign = 1 if n % 2 else -1
    if x == -inf or x <= 0 and x == math.floor(x):
        return sign * inf
    if x == inf:
        return sign * 0.0
    # Of the asymptotic series the first term is all where x is huge, and mpmath's zeta does not get there.
    if abs(x) > 1e30:
        return sign * mp.factorial(n - 1) / mpf(x) ** n
    # That zeta has digits behind the point, and terms of both signs cancel where x < 0.
    with mp.workdps(60 + int((n + 1) * math.log10(abs(x) + 10))):
        steps = 0 if x > 0 else math.ceil(-x) + 1
        below = mp.fsum((mpf(x) + k) ** -(n + 1) for k in range(steps))
        return sign * mp.factorial(n) * (mp.zeta(n + 1, mpf(x) + steps) + below)


def polygammas():
    cases = []
    for n in [1, 2, 3, 4, 5, 7, 10, 15, 20]:
        m = 40 if n < 4 else 15
        xs = uniform(0, 1, m) + uniform(1, 15, m) + uniform(10, 80, m) + powers(2, 14, 5) + powers(-12, -1, 5)
        xs += [-x for x in uniform(0, 4, m) + uniform(4, 30, 5)] + [-1 + 1e-9, -2 - 1e-6, -1e-20, 1.0, 2.0, 0.5, -0.5, -1.5]
        xs += [1e200, 0.0, -0.0, -1.0, -7.0, inf, -inf, nan]
        cases += [case(polygamma, n, float(x)) for x in xs]
    for n in [40, 100, 170]:
        xs = [0.7, 1.0, 3.3, 25.0, 77.7, 200.0, 300.5, 1234.5] + ([-0.3, -0.7, -2.6] if n < 170 else [])
        cases += [case(polygamma, n, x) for x in xs]
    return cases


def sigmoids():
    xs = both(uniform(0, 2, 30) + uniform(2, 40, 40) + powers(-20, -1, 10)) + both([710.0, 744.0, 746.0, 1e4, 1e300]) + [-x for x in uniform(40, 745, 30)]
    sigmoid = one(lambda x: 1 / (1 + mp.exp(-x)), [(0.0, 0.5), (-0.0, 0.5), (inf, 1.0), (-inf, 0.0), (nan, nan)], xs)
    softplus = one(lambda x: mp.log1p(mp.exp(x)) if x < 60 else x + mp.exp(-x), [(inf, inf), (-inf, 0.0), (nan, nan)], xs, [0.0, -0.0])
    return sigmoid, softplus


def logaddexp(x, y):
    if x != x or y != y:
        return nan
    if math.isinf(x) or math.isinf(y):
        return max(x, y) + 0.0
    m = max(mpf(x), mpf(y))
    return m + mp.log1p(mp.exp(-abs(mpf(x) - mpf(y))))


def hypot2(x, y):
    if math.isinf(x) or math.isinf(y):
        return inf
    return nan if x != x or y != y else mp.sqrt(mpf(x) ** 2 + mpf(y) ** 2)


def mod(x, y):
    """NumPy's: the sign of the divisor, of a zero too; x - y * floor(x / y) where that says something."""
    if x != x or y != y or math.isinf(x) or y == 0:
        return nan
    r = math.fmod(x, y)
    if r == 0:
        return math.copysign(0.0, y)
    # The sum of two float64, rounded once.
    return r + y if (r < 0) != (y < 0) else r


def pow_(x, y):
    if y == 0 or x == 1:
        return 1.0
    if x != x or y != y:
        return nan
    try:
        plain = math.pow(x, y)
    except OverflowError:
        return inf if x > 0 or y % 2 == 0 else -inf
    except ValueError:
        return (math.copysign(inf, x) if y % 2 == 1 else inf) if x == 0 else nan
    if plain == 0 or math.isinf(plain) or math.isinf(x) or math.isinf(y):
        return plain
    return mpf(x) ** mpf(y)


SUBNORMAL = [5e-324, 1.5e-323, 3e-320, 1e-310, 2.2250738585072014e-308]
PI = float(mp.pi)


def elementary():
    """Functions that are most of Math as well: each over all of its range, near its zeros and its poles."""
    near_zero = both(SUBNORMAL + powers(-307, -1, 25) + uniform(0.1, 1, 20))
    all_sizes = near_zero + both(uniform(1, 30, 30) + powers(1, 308, 30) + [1.7976931348623157e308])
    positive = SUBNORMAL + powers(-307, 308, 60) + uniform(0.2, 5, 40) + around([1.0, 2.0, 10.0]) + [1.7976931348623157e308, 1000.0, 1024.0]
    unit = near_zero + both(uniform(0, 1, 30) + [0.5, 1 - 2**-53, 1 - 2**-40, 1 - 1e-6, 1.0])
    exponents = near_zero + both(uniform(0, 700, 40) + [700.0, 709.0, 709.78, 709.79, 744.0, 745.1, 746.0, 1e4, 1e300])
    binary_exponents = near_zero + both(uniform(0, 1020, 40) + [1.0, 10.0, 1022.0, 1022.5, 1023.5, 1024.0, 1e300]) + [-1050.3, -1073.9, -1074.0, -1076.0]
    angles = all_sizes + both([k * PI / 4 for k in range(1, 17)] + [float(k * mp.pi / 2) for k in (1001, 10**6 + 1, 10**15 + 1)] + powers(0, 22, 40))
    odd = [(0.0, 0.0), (-0.0, -0.0), (nan, nan)]
    wide = [(inf, inf), (-inf, -inf)]
    nowhere = [(inf, nan), (-inf, nan)]
    flat = [(inf, mp.pi / 2), (-inf, -mp.pi / 2)]
    one_at_zero = [(0.0, 1.0), (-0.0, 1.0), (nan, nan)]
    logarithm = [(0.0, -inf), (-0.0, -inf), (inf, inf), (-inf, nan), (-1.0, nan), (-5e-324, nan), (nan, nan), (1.0, 0.0)]
    grow = one_at_zero + [(inf, inf), (-inf, 0.0)]

    def grown(f, top, bottom):
        return lambda x: inf if x > top else mpf(0) if x < bottom else f(x)

    def sided(f):
        return lambda x: math.copysign(inf, x) if abs(x) > 720 else f(x)

    def less_than_all(f):
        return lambda x: nan if abs(x) > 1 else f(x)

    def gelu(x):
        return x * normal_cdf(x) if x > -60 else -0.0

    def silu(x):
        return x / (1 + mp.exp(-x)) if x > -1000 else -0.0

    def normal_cdf(x):
        return mp.erfc(-x / mp.sqrt(2)) / 2 if x > -60 else mpf(0)

    soft = both(SUBNORMAL + powers(-307, -1, 20) + uniform(0, 8, 60)) + [-x for x in uniform(8, 37, 40)] + [9.0, 40.0, 1e3, 1e300, -40.0, -1e3, -1e300]
    tables = {
        "exp": one(grown(mp.exp, 710, -760), grow, exponents),
        "exp2": one(grown(lambda x: mpf(2) ** x, 1030, -1100), grow, binary_exponents),
        "expm1": one(lambda x: inf if x > 710 else mp.expm1(x) if x > -760 else mpf(-1), odd + [(inf, inf), (-inf, -1.0)], exponents),
        "log": one(mp.log, logarithm, positive),
        "log2": one(lambda x: mp.log(x, 2), logarithm, positive, [2.0**k for k in range(-1074, 1024, 61)]),
        "log10": one(mp.log10, logarithm, positive, [10.0**k for k in range(-20, 23)]),
        "log1p": one(mp.log1p, odd + [(inf, inf), (-1.0, -inf), (-1.5, nan), (-inf, nan)], [x for x in all_sizes if x > -1], [-1 + 2**-53, -1 + 1e-9]),
        "sin": one(mp.sin, odd + nowhere, angles),
        "cos": one(mp.cos, one_at_zero + nowhere, angles),
        "tan": one(mp.tan, odd + nowhere, angles),
        "asin": one(less_than_all(mp.asin), odd + nowhere, unit, [1.5, -1e300]),
        "acos": one(less_than_all(mp.acos), [(nan, nan), (1.0, 0.0)] + nowhere, unit, [0.0, -0.0, 1.5, -1e300]),
        "atan": one(mp.atan, odd + flat, all_sizes),
        "sinh": one(sided(mp.sinh), odd + wide, exponents),
        "cosh": one(lambda x: inf if abs(x) > 720 else mp.cosh(x), one_at_zero + [(inf, inf), (-inf, inf)], exponents),
        "tanh": one(lambda x: mp.sign(x) if abs(x) > 100 else mp.tanh(x), odd + [(inf, 1.0), (-inf, -1.0)], exponents, both(uniform(0, 3, 60) + around([1.75]))),
        "asinh": one(mp.asinh, odd + wide, all_sizes),
        "acosh": one(mp.acosh, [(1.0, 0.0), (0.5, nan), (-2.0, nan), (inf, inf), (-inf, nan), (nan, nan)], [1 + x for x in powers(-15, 0, 30)] + uniform(1, 40, 30) + powers(1, 308, 30)),
        "atanh": one(less_than_all(mp.atanh), odd + nowhere + [(1.0, inf), (-1.0, -inf)], [x for x in unit if abs(x) < 1], [1.5]),
        "cbrt": one(lambda x: mp.sign(x) * mp.cbrt(abs(x)), odd + wide, all_sizes, [float(k**3) for k in range(-9, 10) if k]),
        "rsqrt": one(lambda x: 1 / mp.sqrt(x), [(0.0, inf), (-0.0, -inf), (inf, 0.0), (-inf, nan), (-1.0, nan), (nan, nan)], positive),
        "normalCdf": one(normal_cdf, [(0.0, 0.5), (-0.0, 0.5), (inf, 1.0), (-inf, 0.0), (nan, nan)], soft, both(around([0.5**0.5]))),
        "gelu": one(gelu, odd + [(inf, inf)], soft, uniform(-38.4, -37, 10)),
        "silu": one(silu, odd + [(inf, inf)], soft, [-x for x in uniform(37, 744, 30)]),
    }
    wide_pairs = [(s * a, t * b) for a, b, s, t in zip(powers(-320, 308, 60), powers(-320, 308, 60), [1, -1] * 30, [1, 1, -1, -1] * 15)]
    near_pairs = [(s * a, t * a * rng.uniform(0.1, 10)) for a, s, t in zip(powers(-300, 300, 80), [1, -1] * 40, [1, 1, -1, -1] * 20)]
    tables["atan2"] = pairs(atan2, grid([*ENDS, 1.0, -1.0, 3.0, 5e-324, -1e-300, 1e300, -1.7e308]), wide_pairs, near_pairs)
    return tables


def atan2(y, x):
    if x != x or y != y or math.isinf(x) or math.isinf(y) or x == 0 or y == 0:
        return math.atan2(y, x)
    return mp.atan2(mpf(y), mpf(x))


def half_even(x):
    return math.copysign(float(round(x)), x) if math.isfinite(x) else x


def pairs(f, *lists):
    return [case(f, float(x), float(y)) for part in lists for x, y in part]


def grid(xs):
    return [(x, y) for x in xs for y in xs]


def binary():
    special = [*ENDS, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 5e-324, 1e300, -1e300, 2.5, -3.5]
    wide = [(s * a, t * b) for a, b, s, t in zip(powers(-320, 308, 60), powers(-320, 308, 60), [1, -1] * 30, [1, 1, -1, -1] * 15)]
    near = [(a, a * rng.uniform(0.1, 10)) for a in powers(-3, 3, 80)]
    small = [(a, a * rng.uniform(0.1, 10)) for a in powers(-320, -150, 30)] + [(a, a * rng.uniform(0.1, 0.9)) for a in powers(150, 308, 30)]
    log = [(rng.uniform(-50, 50), rng.uniform(-50, 50)) for _ in range(80)] + [(x, x + rng.uniform(-3, 3)) for x in both(powers(0, 4, 40))]
    tops = [(-mp.log(2), -mp.log(2)), (-0.5, -0.9327521295671886), (-1e-5, -11.512930465), (-0.7, -0.69)]
    logs = pairs(logaddexp, grid([*ENDS, 1.0, -1.0, 1000.0, -1000.0, 1e300, 1e-300]), log, tops)
    hypots = pairs(hypot2, grid([*ENDS, 1.0, 3.0, -4.0, 5e-324, 1e-300, 1e300, 1.7e308]), wide, near, small)
    integers = [(x, y) for x in [-2147483648, -7, -6, -1, 0, 1, 5, 6, 2147483647] for y in [-2147483648, -3, -1, 1, 2, 3, 2147483647]]
    mods = pairs(mod, grid(special), near, wide, integers, [(-1e-20, 1), (5.5, -2), (1e17, 7), (-1e17, 7), (0.3, 0.1), (-0.3, 0.1)])
    exact = [(10, k) for k in range(-22, 23)] + [(-3, 3), (3, 33), (7, 18), (-5, 22), (6, 20), (9, 16)] + [(2, k) for k in range(-1080, 1030, 13)]
    exact += [(0.5, 1074), (0.5, 1075), (0.5, -1023), (2, -1074), (2, -1022), (2, 1023), (2, 1024), (10, 308), (10, -308), (10, 309), (-2, 63), (4, -3), (1.5, 20)]
    ordinary = [(a, rng.uniform(-20, 20)) for a in powers(-2, 2, 80)] + [(2.0, x) for x in uniform(-1000, 1000, 40)]
    ordinary += [(a * s, float(rng.randint(-30, 30))) for a, s in zip(powers(-3, 3, 80), [1, -1] * 40)] + [(0.999999999, 1e10), (1 + 2**-52, 1e15), (1e-308, -1), (1e-200, -1), (1e15, -21), (1e-15, -21)]
    powers_ = pairs(pow_, grid(special), exact, ordinary)
    return logs, hypots, mods, powers_


def rounding():
    xs = [0.5, 1.5, 2.5, 3.5, 0.49999999999999994, 1e-300, 5e-324, 0.3, 0.7, 1.0, 2.0, 1e15 + 0.5, 2**51 + 0.5, 2**51 + 1.5, 2**52 - 0.5, 2**52 - 1.5]
    xs += [2.0**52, 2.0**52 + 1, 2.0**53, 2.0**53 - 1, 1e300, 4503599627370497.0, 9007199254740993.0] + uniform(0, 1e3, 40)
    return [case(half_even, x) for x in [*ENDS, *both(xs)]]


def slopes():
    """Derivatives, from their closed forms, at sizes from one end of the range to the other. Cases are [argument, derivative]."""
    sizes = [5e-324, 1e-310, 1e-300, 1e-200, 1e-100, 1e-20, 1e-8, 1e-3, 0.3, 0.6, 0.9, 1 - 1e-10, 1.0, 1.1, 1.6, 2.5, 5.3, 10.2, 20.3, 30.4, 40.5, 101.0]
    sizes += [700.5, 720.0, 746.0, 1000.5, 1e5, 1e8, 1e16, 1e100, 1e154, 1e160, 1e200, 1e300]
    sqrt, exp = mp.sqrt, mp.exp
    density = lambda x: exp(-x * x / 2) / sqrt(2 * mp.pi) if abs(x) < 1e4 else mpf(0)
    bell = lambda x: 2 / sqrt(mp.pi) * exp(-x * x) if abs(x) < 1e4 else mpf(0)
    sigmoid = lambda x: 1 / (1 + exp(-x)) if x > -1e4 else mpf(0)
    logistic = lambda x: sigmoid(x) * sigmoid(-x)
    bounded = lambda f: lambda x: f(min(max(x, mpf(-1e4)), mpf(1e4)))
    everywhere, positive = lambda x: True, lambda x: x > 0
    inside, above = lambda x: abs(x) <= 1, lambda x: x >= 1
    root_of = lambda square: mpf(inf) if square == 0 else 1 / sqrt(square)
    table = {
        "sqrt": (positive, lambda x: 1 / sqrt(x) / 2),
        "rsqrt": (positive, lambda x: -1 / sqrt(x) ** 3 / 2),
        "cbrt": (everywhere, lambda x: 1 / mp.cbrt(abs(x)) ** 2 / 3),
        "reciprocal": (everywhere, lambda x: -1 / x**2),
        "square": (everywhere, lambda x: 2 * x),
        "exp": (everywhere, bounded(exp)),
        "exp2": (everywhere, bounded(lambda x: mpf(2) ** x * mp.log(2))),
        "expm1": (everywhere, bounded(exp)),
        "log": (positive, lambda x: 1 / x),
        "log1p": (lambda x: x > -1, lambda x: 1 / (1 + x)),
        "sin": (everywhere, mp.cos),
        "cos": (everywhere, lambda x: -mp.sin(x)),
        "tan": (everywhere, lambda x: 1 + mp.tan(x) ** 2),
        "asin": (inside, lambda x: root_of((1 - x) * (1 + x))),
        "acos": (inside, lambda x: -root_of((1 - x) * (1 + x))),
        "atan": (everywhere, lambda x: 1 / (1 + x * x)),
        "sinh": (everywhere, bounded(mp.cosh)),
        "cosh": (everywhere, bounded(mp.sinh)),
        "asinh": (everywhere, lambda x: 1 / sqrt(1 + x * x)),
        "acosh": (above, lambda x: root_of((x - 1) * (x + 1))),
        "sigmoid": (everywhere, bounded(logistic)),
        "softplus": (everywhere, bounded(sigmoid)),
        "erf": (everywhere, bell),
        "erfc": (everywhere, lambda x: -bell(x)),
        "lgamma": (lambda x: x > 1e-300, mp.digamma),
        "gelu": (lambda x: x > -5, lambda x: (mp.erfc(-x / sqrt(2)) / 2 if x < 1e4 else 1) + x * density(x)),
        "silu": (lambda x: x > -1, bounded(lambda x: sigmoid(x) + x * logistic(x))),
    }
    xs = [float(x) for x in both(sizes)]
    return {name: [[x, encoded(float(f(mpf(x))))] for x in xs if domain(x)] for name, (domain, f) in table.items()}


def main():
    if "--coefficients" in sys.argv:
        coefficients()
        return
    erf, erfc = errors()
    lgamma, digamma = gammas()
    sigmoid, softplus = sigmoids()
    logs, hypots, mods, powers_ = binary()
    tables = {
        "erf": erf,
        "erfc": erfc,
        "lgamma": lgamma,
        "digamma": digamma,
        "polygamma": polygammas(),
        "sigmoid": sigmoid,
        "softplus": softplus,
        "logaddexp": logs,
        "hypot2": hypots,
        "mod": mods,
        "pow": powers_,
        "roundHalfEven": rounding(),
        **elementary(),
    }
    write(OUT, tables)
    write(OUT.with_name("slopes.json"), slopes())


def write(path, tables):
    lines = [json.dumps(name) + ":[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]" for name, cases in tables.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print({name: len(cases) for name, cases in tables.items()}, path.stat().st_size)


if __name__ == "__main__":
    main()
