"""Differential equations: solutions to 13 digits, and SciPy's work for what error.

Writes packages/solve/test/ode/expectations.json: for each problem the end of the interval, the solution there, and for a list of tolerances
the error that SciPy's solver has, in units of 1 + |y|, and how often it evaluated the right-hand side.

    python3 tools/expectations/ode.py
"""

import json
import sys
from pathlib import Path

# numpy.py stands beside this file.
sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]
import numpy as np
from scipy.integrate import solve_ivp

PATH = Path(__file__).resolve().parents[2] / "packages/solve/test/ode/expectations.json"


def chain(n):
    def f(x, y):
        d = -y.copy()
        d[1:] += y[:-1]
        d[-1] = y[-2]
        return d

    return f


def growing(x, y):
    i = np.arange(1, 11)
    d = -i * y
    d[1:] += i[:-1] * y[:-1]
    d[-1] = 9 * y[8]
    return d


def diffusion(x, y):
    d = -2 * y
    d[1:] += y[:-1]
    d[:-1] += y[1:]
    return d


def first(n):
    return [1.0] + [0.0] * (n - 1)


MASSES = np.array([0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778])
PLANETS = [
    [3.42947415189, 3.35386959711, 1.35494901715],
    [6.64145542550, 5.97156957878, 2.18231499728],
    [11.2630437207, 14.6952576794, 6.27960525067],
    [-30.1552268759, 1.65699966404, 1.43785752721],
    [-21.1238353380, 28.4465098142, 15.3882659679],
]
SPEEDS = [
    [-0.557160570446, 0.505696783289, 0.230578543901],
    [-0.415570776342, 0.365682722812, 0.169143213293],
    [-0.325325669158, 0.189706021964, 0.0877265322780],
    [-0.0240476254170, -0.287659532608, -0.117219543175],
    [-0.176860753121, -0.216393453025, -0.0148647893090],
]


def planets(x, y):
    p, v = y[:15].reshape(5, 3), y[15:]
    r3 = (p**2).sum(1) ** 1.5
    between = p[None, :, :] - p[:, None, :]
    d3 = (between**2).sum(2) ** 1.5 + np.eye(5)
    pull = (MASSES[None, :, None] * (between / d3[:, :, None] - (p / r3[:, None])[None, :, :])).sum(1)
    own = MASSES[:, None] * p / r3[:, None]
    a = 2.95912208286 * (-(1.00000597682 + MASSES)[:, None] * p / r3[:, None] + pull + own)
    return np.concatenate([v, a.ravel()])


def orbit(x, y):
    r3 = (y[0] ** 2 + y[1] ** 2) ** 1.5
    return np.array([y[2], y[3], -y[0] / r3, -y[1] / r3])


def torus(x, y):
    r = np.hypot(y[0], y[1])
    return np.array([-y[1] - y[0] * y[2] / r, y[0] - y[1] * y[2] / r, y[0] / r])


# T. E. Hull, W. H. Enright, B. M. Fellen and A. E. Sedgwick, Comparing numerical methods for ordinary differential equations (1972).
DETEST = {
    "A1": (lambda x, y: -y, [1]),
    "A2": (lambda x, y: -(y**3) / 2, [1]),
    "A3": (lambda x, y: y * np.cos(x), [1]),
    "A4": (lambda x, y: y / 4 * (1 - y / 20), [1]),
    "A5": (lambda x, y: (y - x) / (y + x), [4]),
    "B1": (lambda x, y: np.array([2 * (y[0] - y[0] * y[1]), y[0] * y[1] - y[1]]), [1, 3]),
    "B2": (lambda x, y: np.array([y[1] - y[0], y[0] - 2 * y[1] + y[2], y[1] - y[2]]), [2, 0, 1]),
    "B3": (lambda x, y: np.array([-y[0], y[0] - y[1] ** 2, y[1] ** 2]), [1, 0, 0]),
    "B4": (torus, [3, 0, 0]),
    "B5": (lambda x, y: np.array([y[1] * y[2], -y[0] * y[2], -0.51 * y[0] * y[1]]), [0, 1, 1]),
    "C1": (chain(10), first(10)),
    "C2": (growing, first(10)),
    "C3": (diffusion, first(10)),
    "C4": (diffusion, first(51)),
    "C5": (planets, np.concatenate([np.ravel(PLANETS), np.ravel(SPEEDS)])),
    **{f"D{i + 1}": (orbit, [1 - e, 0, 0, np.sqrt((1 + e) / (1 - e))]) for i, e in enumerate([0.1, 0.3, 0.5, 0.7, 0.9])},
    "E1": (lambda x, y: np.array([y[1], -(y[1] / (x + 1) + (1 - 0.25 / (x + 1) ** 2) * y[0])]), [0.6713967071418030, 0.09540051444747446]),
    "E2": (lambda x, y: np.array([y[1], (1 - y[0] ** 2) * y[1] - y[0]]), [2, 0]),
    "E3": (lambda x, y: np.array([y[1], y[0] ** 3 / 6 - y[0] + 2 * np.sin(2.78535 * x)]), [0, 0]),
    "E4": (lambda x, y: np.array([y[1], 0.032 - 0.4 * y[1] ** 2]), [30, 0]),
    "E5": (lambda x, y: np.array([y[1], np.sqrt(1 + y[1] ** 2) / (25 - x)]), [0, 0]),
}


def robertson(x, y):
    a, b, c = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return np.array([b - a, a - b - c, c])


def hires(x, y):
    u = 280 * y[5] * y[7]
    return np.array(
        [
            -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
            1.71 * y[0] - 8.75 * y[1],
            -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
            8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
            -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
            -u + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
            u - 1.81 * y[6],
            1.81 * y[6] - u,
        ]
    )


def orego(x, y):
    return np.array(
        [
            77.27 * (y[1] + y[0] * (1 - 8.375e-6 * y[0] - y[1])),
            (y[2] - (1 + y[0]) * y[1]) / 77.27,
            0.161 * (y[0] - y[2]),
        ]
    )


# E. Hairer and G. Wanner, Solving ordinary differential equations II, section IV.10; the last number scales atol.
STIFF = {
    "van der Pol": (lambda x, y: np.array([y[1], 1000 * (1 - y[0] ** 2) * y[1] - y[0]]), [2, 0], 2000, 1),
    "Robertson": (robertson, [1, 0, 0], 1e5, 1e-4),
    "HIRES": (hires, [1, 0, 0, 0, 0, 0, 0, 0.0057], 321.8122, 1e-2),
    "OREGO": (orego, [1, 2, 3], 360, 1),
}


def curve(f, y0, end, exact, method, tolerances, scale):
    rows = []
    for tol in tolerances:
        s = solve_ivp(f, (0, end), y0, method=method, rtol=tol, atol=tol * scale)
        error = np.max(np.abs(s.y[:, -1] - exact) / (scale + np.abs(exact)))
        rows.append([float(f"{error:.4g}"), int(s.nfev)])
    return rows


def main():
    out = {"detest": {}, "stiff": {}}
    for name, (f, y0) in DETEST.items():
        y0 = np.array(y0, dtype=float)
        exact = solve_ivp(f, (0, 20), y0, method="DOP853", rtol=2.3e-14, atol=1e-15).y[:, -1]
        rows = curve(f, y0, 20, exact, "RK45", [10.0**-k for k in range(2, 11)], 1)
        out["detest"][name] = {"end": 20, "y": exact.tolist(), "scipy": rows}
        print(name, rows[4])
    for name, (f, y0, end, scale) in STIFF.items():
        y0 = np.array(y0, dtype=float)
        exact = solve_ivp(f, (0, end), y0, method="Radau", rtol=1e-13, atol=1e-15 * scale).y[:, -1]
        rows = curve(f, y0, end, exact, "Radau", [10.0**-k for k in range(2, 10)], scale)
        out["stiff"][name] = {"end": end, "scale": scale, "y": exact.tolist(), "scipy": rows}
        print(name, exact, rows)
    PATH.write_text(json.dumps(out, separators=(",", ":")).replace('"B1"', '\n"B1"') + "\n")


main()
