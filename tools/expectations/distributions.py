"""Writes packages/random/test/expectations/distributions.json: SciPy's distributions, for packages/random/test/distributions.test.ts.

Run from anywhere: python3 tools/expectations/distributions.py

A case is [function, arguments after key and shape, edges, probabilities, mean, deviation]: the probability of each interval between
-inf, the edges, and inf. The outermost intervals are the tails, of a thousandth and less; mean and deviation are null where there are none.
"""

import json
import sys
from pathlib import Path

sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]
import numpy as np
import scipy.stats as st

OUT = Path(__file__).resolve().parents[2] / "packages/random/test/expectations/distributions.json"
cases = []


def case(op, args, d, moments=True):
    if hasattr(d.dist, "pmf"):
        support = np.arange(d.ppf(1e-3), d.ppf(1 - 1e-3) + 1)
        edges = np.unique(np.round(np.linspace(support[0], support[-1], min(len(support), 25)))) + 0.5
        if d.cdf(edges[-1]) >= 1:
            edges = edges[:-1]
    else:
        edges = d.ppf([1e-3, *np.arange(1, 20) / 20, 1 - 1e-3])
    p = np.diff([0, *d.cdf(edges), 1])
    cases.append([op, args, list(map(float, edges)), list(map(float, p)), *((float(d.mean()), float(d.std())) if moments else (None, None))])


case("uniform", [{"min": -2, "max": 3}], st.uniform(-2, 5))
case("normal", [], st.norm())
case("normal", [{"dtype": "float32"}], st.norm())
case("truncatedNormal", [-0.5, 2], st.truncnorm(-0.5, 2))
case("exponential", [], st.expon())
case("laplace", [], st.laplace())
case("gumbel", [], st.gumbel_r())
case("logistic", [], st.logistic())
case("cauchy", [], st.cauchy(), False)
for alpha in (0.05, 0.6, 1, 4, 250):
    case("gamma", [alpha], st.gamma(alpha))
case("gamma", [0.6, {"dtype": "float32"}], st.gamma(0.6))
for a, b in ((0.2, 0.4), (2, 3), (30, 1)):
    case("beta", [a, b], st.beta(a, b))
case("studentT", [1.5], st.t(1.5), False)
case("studentT", [12], st.t(12))
for rate in (0.4, 7, 10, 40, 12345):
    case("poisson", [rate], st.poisson(rate))
for n, p in ((5, 0.5), (40, 0.1), (40, 0.9), (60, 0.4), (10000, 0.31)):
    case("binomial", [n, p], st.binom(n, p))
case("randint", [-3, 12], st.randint(-3, 12))
case("bernoulli", [0.3], st.bernoulli(0.3))
weights = np.array([0.1, 0.4, 0.05, 0.45])
case("categorical", [np.log(weights).tolist()], st.rv_discrete(values=(range(4), weights))())
case("choice", [4, {"p": weights.tolist()}], st.rv_discrete(values=(range(4), weights))())

OUT.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(f"{len(cases)} cases")
