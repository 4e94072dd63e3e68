"""Writes packages/core/test/expectations/special-functions.json: the functions of packages/core/src/special/ to 50 digits, as cases for
packages/core/test/special/accuracy.test.ts.

Run from anywhere: python3 tools/expectations/special-functions.py
With --coefficients it prints the polynomials of packages/core/src/special/bessel.ts instead, highest power first.

Cases are what special.py, beside this file, says.
"""

import math
import sys

from mpmath import mp, mpf
from special import OUT, SUBNORMAL, around, both, case, encoded, inf, nan, one, polynomial, powers, uniform, write


def coefficients():
    """sqrt(x) exp(-x) I(x) in 2 / x - 1 / 8, where x >= 9."""
    for n in (0, 1):
        numbers = polynomial(lambda v: mp.sqrt(1 / v) * mp.exp(-1 / v) * mp.besseli(n, 1 / v), mpf(1) / 720, mpf(1) / 9, mpf(1) / 16, mpf(1) / 2, 64)
        print(f"const far{n} = [{', '.join(numbers)}];  // {len(numbers)}")


def oscillating():
    """The Bessel functions of oscillation: by x^2 below 4, by x up to 8, and beyond by what turns and what is left (DLMF 10.17.3, 10.17.4)."""
    j, y = mp.besselj, mp.bessely

    def modulus(n, which):
        def of(w):
            x = 8 / mp.sqrt(w)
            angle = x - (2 * n + 1) * mp.pi / 4
            c, s = mp.cos(angle), mp.sin(angle)
            size = mp.sqrt(mp.pi * x / 2)
            return size * (j(n, x) * c + y(n, x) * s) if which == "P" else size * (y(n, x) * c - j(n, x) * s) * x / 8
        return of

    def root(f):
        return lambda s: f(mp.sqrt(s))

    def regular(n):
        def of(s):
            x = mp.sqrt(s)
            rest = y(n, x) - 2 / mp.pi * mp.log(x) * j(n, x)
            return rest if n == 0 else (rest + 2 / (mp.pi * x)) / x
        return of

    for n in (0, 1):
        near = root(lambda x: j(n, x) / x**n)
        rows = {
            "nearJ": polynomial(near, mpf(10) ** -40, 16, 8, 8),
            "nearY": polynomial(regular(n), mpf(10) ** -40, 16, 8, 8),
            "middleJ": polynomial(lambda x: j(n, x), 4, 8, 6, 2),
            "middleY": polynomial(lambda x: y(n, x), 4, 8, 6, 2),
            "P": polynomial(modulus(n, "P"), mpf(10) ** -6, 1, mpf(1) / 2, mpf(1) / 2),
            "Q": polynomial(modulus(n, "Q"), mpf(10) ** -6, 1, mpf(1) / 2, mpf(1) / 2),
        }
        for name, numbers in rows.items():
            print(f"{name}{n}: [{', '.join(numbers)}],  // {len(numbers)}")


def inverse_of_erf():
    def inverse(x):
        return nan if abs(x) > 1 else mp.erfinv(x)

    near_one = [1 - d for d in powers(-16, -1, 150)] + [1 - 2.0**-k for k in range(1, 54)]
    xs = both(SUBNORMAL + powers(-307, -1, 40) + uniform(0, 1, 250) + near_one)
    xs += both(around([0.5204998778130465, 0.5, 0.75])) + [1.0000000000000002, -1.5, inf, -inf]
    special = [(0.0, 0.0), (-0.0, -0.0), (1.0, inf), (-1.0, -inf), (inf, nan), (-inf, nan), (nan, nan)]
    return one(inverse, special, xs)


def bessel(n):
    def value(x):
        return mp.besseli(n, x) if abs(x) < 1000 else mp.sign(x) ** n * mpf(2) ** 2000

    xs = SUBNORMAL + powers(-307, -1, 30) + uniform(0, 8, 400) + uniform(8, 40, 250) + uniform(40, 713.9, 250) + around([2.0, 8.0, 700.0, 713.9])
    xs += [713.98, 713.986, 713.987, 713.988, 714.0, 720.0, 1000.0, 1e10, 1e300]
    ends = [(inf, inf), (-inf, inf if n == 0 else -inf), (nan, nan)]
    return one(value, ends + ([(0.0, 1.0), (-0.0, 1.0)] if n == 0 else [(0.0, 0.0), (-0.0, -0.0)]), both(xs))


def scaled_erfc():
    xs = both(powers(-307, -1, 30) + uniform(0, 2, 250) + around([0.5, 1.0])) + uniform(2, 30, 200) + uniform(-26.6, -2, 150) + around([28.0, 28.1])
    xs += [40.0, 1e3, 1e8, 1e100, 1e300, -27.0, -30.0, -1e5]
    value = lambda x: mp.exp(x * x) * mp.erfc(x) if -100 < x < 1e4 else (mpf(2) ** 2000 if x < 0 else 1 / (x * mp.sqrt(mp.pi)) * (1 - 1 / (2 * x * x)))
    return one(value, [(inf, 0.0), (-inf, inf), (nan, nan), (0.0, 1.0), (-0.0, 1.0)], xs)


def log_odds():
    xs = powers(-307, -1, 60) + uniform(0, 1, 300) + around([0.25, 0.5, 0.75]) + [1 - d for d in powers(-16, -1, 60)]
    return one(lambda x: mp.log(x / (1 - x)), [(0.0, -inf), (1.0, inf), (-1.0, nan), (2.0, nan), (inf, nan), (-inf, nan), (nan, nan), (0.5, 0.0)],
               [x for x in xs if x != 0.5])


def normal(log):
    def value(x):
        if log and x > 0:
            return mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)
        p = mp.erfc(-x / mp.sqrt(2)) / 2
        return mp.log(p) if log else p

    xs = both(powers(-307, -1, 20) + uniform(0, 6, 300) + around([1.0, 0.7071067811865476])) + uniform(-37, -6, 150) + uniform(6, 30 if log else 40, 60)
    xs += [-40.0, -100.0, -1e4] if log else []
    ends = [(inf, -0.0), (-inf, -inf), (nan, nan)] if log else [(inf, 1.0), (-inf, 0.0), (nan, nan)]
    return one(value, ends, xs)


def normal_quantiles():
    def value(p):
        if p > 0.5:
            return -value(1 - mpf(p))
        if p > 1e-3:
            return mp.sqrt(2) * mp.erfinv(2 * mpf(p) - 1)
        log = mp.log(p)
        return mp.findroot(lambda x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2) - log, -mp.sqrt(-2 * log - mp.log(-4 * mp.pi * log)))

    near = powers(-16, -1, 60)
    xs = SUBNORMAL + powers(-307, -1, 200) + uniform(0, 1, 400) + around([0.1, 0.25, 0.75, 0.9]) + [1 - d for d in near] + [0.5 + d for d in near]
    ends = [(0.0, -inf), (-0.0, -inf), (1.0, inf), (0.5, 0.0), (-0.1, nan), (1.5, nan), (inf, nan), (-inf, nan), (nan, nan)]
    return one(value, ends, xs)


def oscillation(which, n):
    f = mp.besselj if which == "J" else mp.bessely
    xs = powers(-300 if n == 0 or which == "J" else -290, -1, 40) + uniform(0, 8, 400) + uniform(8, 60, 300) + powers(2, 15, 120) + around([4.0, 8.0])
    ends = [(inf, 0.0), (nan, nan)] + ([(0.0, 1.0 - n)] if which == "J" else [(0.0, -inf), (-1.0, nan)])
    return one(lambda x: f(n, x), ends, both(xs) if which == "J" else xs)


def zetas():
    points = [(s, q) for s in uniform(1, 12, 60) + powers(1, 2.3, 20) + around([1.0])[2::2] + [2.0, 3.0, 4.0, 50.0] if s > 1 for q in (1.0, 0.3, 2.5, 17.0)]
    points += list(zip(uniform(1, 9, 60), powers(-3, 4, 60)))
    value = lambda s, q: mp.zeta(s, q)
    negative = [(s, q) for s in (2.0, 4.0) for q in uniform(-40, 0, 12) + [-0.5, -1e-3, -1e4 - 0.3]]
    slopes = [(1.1, 1.0), (2.0, 1.0), (2.0, 0.5), (3.5, 4.2), (10.0, 1.0), (6.0, 30.0)]

    def by(i, j, s, q):
        # d^j/dq^j of zeta(s, q) is (-1)^j (s)_j zeta(s + j, q).
        return mp.diff(lambda t: (-1) ** j * mp.rf(t, j) * mp.zeta(t + j, q), mpf(s), i) if i else (-1) ** j * mp.rf(mpf(s), j) * mp.zeta(mpf(s) + j, q)

    rows = [[i, j, s, q, encoded(float(by(i, j, s, mpf(q))))] for i, j in ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2)) for s, q in slopes]
    # Of a negative q the first terms are summed, and then those of a positive one.
    below = lambda s, q: mp.fsum((mpf(q) + k) ** -int(s) for k in range(math.ceil(-q))) + mp.zeta(s, mpf(q) + math.ceil(-q))
    return [case(value, s, q) for s, q in points] + [case(below, s, q) for s, q in negative], rows


def incomplete(upper):
    def value(a, x):
        return mp.gammainc(a, x, regularized=True) if upper else mp.gammainc(a, 0, x, regularized=True)

    points = [(a, a * t) for a in uniform(0.1, 3, 40) + uniform(3, 60, 40) for t in uniform(0.05, 3, 3)]
    points += [(0.5, 1e-3), (1e-10, 0.3), (1e-3, 1.2), (500.0, 480.0), (500.0, 530.0), (1e4, 1e4)]
    points += [(a, x) for a in powers(-6, 3, 30) for x in powers(-6, 2.8, 5)]
    points += [(a, a + d * math.sqrt(a)) for a in powers(0, 4, 30) for d in uniform(-5, 12, 4)]
    return [case(value, a, x) for a, x in points if x > 0 and value(a, x) > 1e-300]


def incomplete_slopes():
    """[order, a, x, derivative by a] of the lower part."""
    points = [(0.5, 0.3), (0.01, 0.2), (0.01, 3.0), (1.0, 1.0), (2.0, 5.0), (3.0, 0.1), (7.5, 8.0), (7.5, 20.0), (30.0, 25.0), (30.0, 45.0), (200.0, 210.0),
              (200.0, 150.0), (5.0, 5e-3), (1e3, 1.05e3), (0.3, 1.4), (0.3, 1.6), (11.0, 12.1)]
    rows = [[n, a, x, encoded(float(mp.diff(lambda t: mp.gammainc(t, 0, mpf(x), regularized=True), mpf(a), n)))] for n in (1, 2) for a, x in points]
    # At an a of 0, where 1 / gamma(a) is a + euler a^2 + ...
    for x in (1e-3, 0.3, 1.0, 1.6, 7.0, 40.0):
        bent = mp.quad(lambda t: mp.exp(-t) * mp.log(t) / t, [mpf(x), 1, 10, 100, mp.inf] if x < 1 else [mpf(x), 10 + x, 100, mp.inf])
        rows += [[1, 0.0, x, encoded(float(-mp.e1(x)))], [2, 0.0, x, encoded(float(-2 * (mp.euler * mp.e1(x) + bent)))]]
    return rows


def betas():
    points = list(zip(uniform(0, 5, 80) + powers(-8, 4, 120), uniform(0, 5, 40) + powers(-8, 4, 160))) + list(zip(uniform(5, 100, 60), uniform(5, 100, 60)))
    points += list(zip(uniform(0, 30, 60), powers(1, 6, 60))) + [(3.0, 1e6), (200.0, 200.0), (11.9, 88.2)]
    return [case(mp.beta, a, b) for a, b in points if abs(mp.log(mp.beta(a, b))) < 700]


def incomplete_beta(a, b, x):
    """DLMF 8.17.8, whose terms are positive, from the end that is nearer to the mean; mpmath's own gives up on some large a and b."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    if x * (a + b) > a:
        return 1 - incomplete_beta(b, a, 1 - x)
    with mp.extradps(30):
        return mp.exp(a * mp.log(x) + b * mp.log1p(-x) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b)) / a * mp.hyp2f1(a + b, 1, a + 1, x)


def beta_slopes():
    """[order by a, order by b, a, b, derivative]."""
    points = [(0.5, 0.3), (1e-10, 40.0), (1e-10, 1e5), (1e6, 1e-5), (1e-3, 2.0), (3.0, 4.0), (30.0, 20.0), (2.0, 150.0), (12.5, 1e-12)]
    value = lambda i, j, a, b: mp.diff(lambda p, q: mp.beta(p, q), (mpf(a), mpf(b)), (i, j), relative=True)
    with mp.workdps(150):
        # In the mixed one 1 / a^2 or 1 / b^2 cancels where that is large.
        orders = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
        return [[i, j, a, b, encoded(float(value(i, j, a, b)))] for i, j in orders for a, b in points if i * j == 0 or min(a, b) > 0.1]


def incomplete_betas():
    """Everywhere, around the mean of large a and b, and near 1 where b is small."""
    first = zip(uniform(0, 12, 40) + powers(-4, 3, 40), uniform(0, 12, 40) + powers(-4, 3, 40))
    points = [(a, b, x) for a, b in first for x in uniform(0, 1, 3) + powers(-6, 0, 1) + [0.999, 1 - 1e-9]]
    for a, b in zip(powers(0.5, 4, 60), powers(0.5, 4, 60)):
        mean = a / (a + b)
        deviation = math.sqrt(mean * (1 - mean) / (a + b + 1))
        points += [(a, b, mean + d * deviation) for d in uniform(-8, 8, 3)]
    points += [(a, b, 1 / (1 + b / a * t)) for a, b, t in zip(powers(0, 4, 50), uniform(0.01, 3, 50), uniform(0.1, 3, 50))]
    return [case(incomplete_beta, *point) for point in points if 0 < point[2] < 1 and incomplete_beta(*point) > 1e-300]


def incomplete_beta_slopes():
    """[order by a, order by b, a, b, x, derivative]."""
    points = [(0.5, 0.3, 0.2), (0.01, 2.0, 0.3), (2.0, 0.01, 0.99), (1.0, 1.0, 0.4), (2.0, 5.0, 0.1), (2.0, 5.0, 0.6), (30.0, 20.0, 0.55), (30.0, 20.0, 0.7),
              (200.0, 150.0, 0.55), (200.0, 150.0, 0.6), (5.0, 0.2, 0.999), (3.0, 4.0, 1e-5), (900.0, 3.0, 0.995), (900.0, 3.0, 0.9975)]
    value = lambda i, j, a, b, x: mp.diff(lambda p, q: incomplete_beta(p, q, x), (mpf(a), mpf(b)), (i, j))
    rows = [[i, j, *point, encoded(float(value(i, j, *point)))] for i, j in ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2)) for point in points]
    # Near a b of 0 it is b times the integral of t^(a - 1) / (1 - t), and from the other end near an a of 0.
    for a, x in [(1.0, 0.5), (2.5, 0.25), (0.2, 0.875), (40.0, 0.96875)]:
        slope = float(mpf(x) ** a / a * mp.hyp2f1(a, 1, mpf(a) + 1, x))
        rows += [[0, 1, a, 0.0, x, slope], [1, 0, 0.0, a, 1 - x, -slope]]
    return rows


def derivatives():
    """[which function, order, argument, derivative], from closed forms."""
    half = mp.sqrt(mp.pi) / 2

    def erf_inv(order, x):
        y = mp.erfinv(x)
        return (half * mp.exp(y * y)) ** order * (1, 2 * y, 8 * y * y + 2)[order - 1]

    def bessel_of(n):
        return lambda order, x: sum(mp.binomial(order, j) * mp.besseli(abs(n + order - 2 * j), x) for j in range(order + 1)) / 2**order

    def scaled(order, x):
        with mp.workdps(120):
            before, now = 2 / mp.sqrt(mp.pi), mp.exp(x * x) * mp.erfc(x)
            for k in range(1, order + 1):
                before, now = now, (before - 2 * x * now) / (2 * k)
            return (-2) ** order * mp.factorial(order) * now

    def logit(order, x):
        return mp.factorial(order - 1) * ((-1) ** (order - 1) / x**order + 1 / (1 - x) ** order)

    def density(order, x):
        return mp.npdf(x) * (1, -x, x * x - 1)[order - 1]

    def hazard(order, x):
        h = mp.npdf(x) / (mp.erfc(-x / mp.sqrt(2)) / 2)
        return h * (1, -(x + h), (x + h) * (x + 2 * h) - 1)[order - 1]

    def quantile(order, p):
        x = mp.sqrt(2) * mp.erfinv(2 * p - 1)
        return (1, x, 1 + 2 * x * x)[order - 1] / mp.npdf(x) ** order

    spread = [0.2, 0.7, 1.0, 1.5, 2.0, 2.7, 3.1, 3.6, 3.9, 4.1, 4.7, 5.5, 6.0, 6.6, 7.3, 7.9, 8.1, 9.0, 12.0, 17.0, 25.0, 80.0, 300.0, 1e4]
    small = [0.0, 1e-300, 1e-20, 1e-9, 1e-3, 0.1, 0.3, 0.5, 0.6, 0.9]
    functions = [
        (erf_inv, small + [0.99, 0.999999, 1 - 1e-12]),
        (bessel_of(0), small + [1.0, 2.5, 8.9, 9.1, 25.0, 80.0, 300.0, 700.5, 713.0]),
        (bessel_of(1), small + [1.0, 2.5, 8.9, 9.1, 25.0, 80.0, 300.0, 700.5, 713.0]),
        *((lambda order, x, f=f, n=n: f(n, x, order), (small if f == mp.besselj else []) + spread) for f in (mp.besselj, mp.bessely) for n in (0, 1)),
        (scaled, small + [1.0, 2.5, 8.9, 20.0]),
        (logit, [k / 32 for k in range(1, 32) if k != 16]),
        (density, small + [1.5, 2.5, 8.9, 20.0]),
        (hazard, small + [1.5, 2.5, 5.0]),
    ]
    cases = [(i, k, x, f(k, mpf(x))) for i, (f, xs) in enumerate(functions) for k in (1, 2, 3) for x in dict.fromkeys(xs if min(xs) > 0 else both(xs))]
    # Beyond 38 exp(x² / 2) is infinite.
    cases += [(len(functions) - 1, k, x, hazard(k, mpf(x))) for k in (1, 2, 3) for x in (13.5, 36.0, 40.0, 1e3)]
    cases += [(len(functions), k, x, quantile(k, mpf(x))) for k in (1, 2, 3) for x in [j / 32 for j in range(1, 32) if j != 16] + [1e-12, 1e-6, 0.02]]
    return [[i, k, x, encoded(float(value))] for i, k, x, value in cases]


if __name__ == "__main__":
    if "--coefficients" in sys.argv:
        coefficients()
        oscillating()
    else:
        tables = {
            "erfInv": inverse_of_erf(),
            "besselI0": bessel(0),
            "besselI1": bessel(1),
            "besselJ0": oscillation("J", 0),
            "besselJ1": oscillation("J", 1),
            "besselY0": oscillation("Y", 0),
            "besselY1": oscillation("Y", 1),
            "erfcx": scaled_erfc(),
            "logit": log_odds(),
            "ndtr": normal(False),
            "logNdtr": normal(True),
            "gammainc": incomplete(False),
            "gammaincc": incomplete(True),
            "gammaincSlopes": incomplete_slopes(),
            "beta": betas(),
            "betaSlopes": beta_slopes(),
            "betainc": incomplete_betas(),
            "betaincSlopes": incomplete_beta_slopes(),
            "zeta": zetas()[0],
            "zetaSlopes": zetas()[1],
            "derivatives": derivatives(),
            "ndtri": normal_quantiles(),
        }
        write(OUT.with_name("special-functions.json"), tables)
