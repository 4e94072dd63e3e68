"""Writes packages/solve/test/expectations/splines.json: what SciPy's CubicSpline gives.

Run from anywhere: python3 tools/expectations/splines.py
"""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # numpy.py beside this file is not NumPy
import numpy as np
from scipy.interpolate import CubicSpline

OUT = Path(__file__).resolve().parents[2] / "packages/solve/test/expectations/splines.json"
rng = np.random.default_rng(18)
cases = []
for n in (2, 3, 4, 5, 12):
    x = np.cumsum(rng.uniform(0.2, 1.5, n))
    for shape in ((), (2,)):
        y = rng.normal(size=(n, *shape))
        for boundary in ("not-a-knot", "natural", "clamped", "periodic"):
            if boundary == "periodic":
                y[-1] = y[0]
            curve = CubicSpline(x, y, bc_type=boundary)
            span = x[-1] - x[0]
            q = np.concatenate([rng.uniform(x[0] - 0.3 * span, x[-1] + 0.3 * span, 6), x])
            cases.append(
                {
                    "boundary": boundary,
                    "x": x.tolist(),
                    "y": y.tolist(),
                    "points": q.tolist(),
                    "values": [curve(q, order).tolist() for order in range(4)],
                    "integrals": [curve.integrate(q[i], q[i + 1]).tolist() for i in range(5)],
                }
            )
OUT.write_text(json.dumps(cases) + "\n")
