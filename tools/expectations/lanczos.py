"""What exact arithmetic makes of NIST's Lanczos1, whose residuals are 1e-13 of numbers about 1: its standard errors, once of the decimals that NIST
gives and once of these as float64 has them. The first are those that NIST certifies; the second are what any program of float64 is given to find.

    python3 tools/expectations/lanczos.py
"""

import json
import pathlib

import mpmath as mp

mp.mp.dps = 60
out = pathlib.Path(__file__).parents[2] / "packages/solve/test/expectations"
data = json.loads((out / "strd.json").read_text())["Lanczos1"]


def standard_errors(xs, ys):
    b = [mp.mpf(v) for v in data["certified"]]
    for _ in range(12):
        rows, residuals = [], []
        for x, y in zip(xs, ys):
            waves = [mp.e ** (-b[k + 1] * x) for k in (0, 2, 4)]
            rows.append([part for k, e in enumerate(waves) for part in (e, -b[2 * k] * x * e)])
            residuals.append(y - sum(b[2 * k] * e for k, e in enumerate(waves)))
        jacobian, r = mp.matrix(rows), mp.matrix(residuals)
        gram = jacobian.T * jacobian
        step = mp.lu_solve(gram, jacobian.T * r)
        b = [v + step[i] for i, v in enumerate(b)]
    variance = sum(v**2 for v in residuals) / (len(ys) - len(b))
    covariance = gram**-1 * variance
    return [float(mp.sqrt(covariance[i, i])) for i in range(len(b))]


decimals = standard_errors(*[[mp.mpf(repr(v)) for v in data[name]] for name in "xy"])
doubles = standard_errors(*[[mp.mpf(v) for v in data[name]] for name in "xy"])
(out / "lanczos.json").write_text(json.dumps({"decimals": decimals, "doubles": doubles}, indent=2) + "\n")
