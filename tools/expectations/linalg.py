"""Writes packages/core/test/expectations/linalg.json: what NumPy and SciPy answer, as cases for packages/core/test/linalg/expectations.test.ts.

Run from anywhere: python3 tools/expectations/linalg.py

A case is [op, [arguments], result]; a result of several arrays is an object. Matrices are well conditioned, so that answers agree to rounding.
Vectors of eigh and svd get the sign that makes their largest element positive.
"""

import json
import sys
from pathlib import Path

sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np  # noqa: E402
import scipy.linalg as sl  # noqa: E402

np.seterr(all="ignore")
OUT = Path(__file__).resolve().parents[2] / "packages/core/test/expectations/linalg.json"
rng = np.random.default_rng(20240609)
cases = []


def encode(x):
    if isinstance(x, (np.ndarray, np.generic)):
        x = np.asarray(x)
        name = {"int64": "int32"}.get(x.dtype.name, x.dtype.name)
        values = [float(str(v)) if x.dtype == np.float32 else v.item() for v in x.ravel()]
        return {"dtype": name, "shape": list(x.shape), "data": [int(v) if v == v // 1 and abs(v) < 2**53 else v for v in values]}
    if isinstance(x, (list, tuple)):
        return [encode(v) for v in x]
    if isinstance(x, dict):
        return {k: encode(v) for k, v in x.items()}
    if isinstance(x, float) and not np.isfinite(x):
        return {"n": "inf" if x > 0 else "-inf"}
    return x


def add(op, args, result):
    cases.append([op, encode(list(args)), encode(result)])


def f64(x):
    return np.asarray(x, dtype=np.float64)


def matrix(*shape):
    """Singular values within 1 to 3 or so: an orthogonal matrix, stretched."""
    *batch, m, n = shape
    if 0 in shape:
        return np.zeros(shape)
    u, _, vt = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    k = min(m, n)
    s = 1 + 2 * (np.arange(k) + rng.random((*batch, k))) / k
    return (u * s[..., None, :]) @ vt


def symmetric(*shape):
    q, _ = np.linalg.qr(rng.standard_normal(shape))
    n = shape[-1]
    w = np.arange(n) - n / 2 + 0.5 * rng.random((*shape[:-2], n))
    x = (q * w[..., None, :]) @ np.swapaxes(q, -1, -2)
    return (x + np.swapaxes(x, -1, -2)) / 2


def definite(*shape):
    x = matrix(*shape)
    return x @ np.swapaxes(x, -1, -2)


def signs(x, axis):
    at = np.expand_dims(np.argmax(np.abs(x), axis=axis), axis)
    return np.sign(np.take_along_axis(x, at, axis))


squares = [(1, 1), (2, 2), (3, 3), (6, 6), (10, 10), (2, 3, 3), (2, 1, 2, 2)]
rectangles = [*squares, (4, 2), (2, 4), (1, 3), (3, 1), (3, 5, 2), (2, 2, 3)]
hilbert = sl.hilbert(3)
whole = np.array([[2, 1, 0], [1, 3, 1], [0, 1, 4]], dtype=np.int32)
truth = np.array([[True, False], [True, True]])
single = matrix(3, 3).astype(np.float32)

for shape in squares:
    x, s, d = matrix(*shape), symmetric(*shape), definite(*shape)
    add("cholesky", [d], np.linalg.cholesky(d))
    add("inv", [x], np.linalg.inv(x))
    add("det", [x], np.linalg.det(x))
    add("slogdet", [x], dict(zip(["sign", "logdet"], np.linalg.slogdet(x))))
    w, v = np.linalg.eigh(s)
    add("eigh", [s], {"values": w, "vectors": v * signs(v, -2)})
    add("expm", [x], sl.expm(x))
    add("expm", [x * 0.01], sl.expm(x * 0.01))
    for power in [0, 1, 3, 6, -1, -2]:
        add("matrixPower", [x, power], np.linalg.matrix_power(x, power))
for x in [np.zeros((2, 2)), f64([[0, 1], [0, 0]]), f64([[0, -3], [3, 0]]), f64([[1, 1e6], [0, -1]])]:
    add("expm", [x], sl.expm(x))
for name, x in [("inv", whole), ("det", whole), ("cholesky", whole), ("inv", truth), ("det", truth)]:
    add(name, [x], getattr(np.linalg, name)(f64(x)))
for name in ["inv", "det", "pinv"]:
    add(name, [single], getattr(np.linalg, name)(f64(single)).astype(np.float32))
add("det", [np.zeros((3, 3))], np.linalg.det(np.zeros((3, 3))))
add("det", [np.zeros((0, 0))], np.linalg.det(np.zeros((0, 0))))
add("det", [np.zeros((2, 0, 0))], np.linalg.det(np.zeros((2, 0, 0))))
add("slogdet", [np.zeros((0, 0))], dict(zip(["sign", "logdet"], np.linalg.slogdet(np.zeros((0, 0))))))
add("inv", [np.zeros((2, 0, 0))], np.linalg.inv(np.zeros((2, 0, 0))))
add("inv", [hilbert], np.linalg.inv(hilbert))
add("expm", [whole], sl.expm(f64(whole)))

for shape in rectangles:
    x = matrix(*shape)
    q, r = np.linalg.qr(x)
    add("qr", [x], {"q": q, "r": r})
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    sign = signs(vt, -1) if shape[-2] >= shape[-1] else np.swapaxes(signs(u, -2), -1, -2)
    add("svd", [x], {"u": u * np.swapaxes(sign, -1, -2), "s": s, "vt": vt * sign})
    p, l, upper = sl.lu(x, p_indices=True)
    add("lu", [x], {"p": np.argsort(p, axis=-1), "l": l, "u": upper})
    add("pinv", [x], np.linalg.pinv(x))
    for order in ["fro", "nuc", 1, -1, 2, -2, float("inf"), float("-inf")]:
        add("norm", [x, [-2, -1], {"ord": order}], np.linalg.norm(x, order, axis=(-2, -1)))
    add("norm", [x, -1, {"ord": 3}], np.linalg.norm(x, 3, axis=-1))
    add("norm", [x], np.linalg.norm(x))
add("norm", [f64([3, 4])], np.linalg.norm(f64([3, 4])))
add("norm", [whole, None, {"ord": "nuc"}], np.linalg.norm(f64(whole), "nuc"))
x = matrix(2, 3, 4)
add("norm", [x, [0, 2], {"ord": 2, "keepdims": True}], np.linalg.norm(x, 2, axis=(0, 2), keepdims=True))
low = matrix(4, 2) @ matrix(2, 3)
add("pinv", [low], np.linalg.pinv(low))
add("pinv", [np.zeros((2, 3))], np.linalg.pinv(np.zeros((2, 3))))
add("pinv", [np.zeros((0, 3))], np.linalg.pinv(np.zeros((0, 3))))
add("qr", [np.zeros((3, 2))], dict(zip("qr", np.linalg.qr(np.zeros((3, 2))))))
add("qr", [np.zeros((3, 0))], dict(zip("qr", np.linalg.qr(np.zeros((3, 0))))))

for a, b in [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3, 2)), ((3, 3), (2, 3, 1)), ((2, 1, 2, 2), (3, 2, 4)), ((1, 1), (1,)), ((10, 10), (10, 3)), ((0, 0), (0, 2)), ((2, 2), (2, 0))]:
    x, y = matrix(*a), rng.standard_normal(b)
    add("solve", [x, y], np.linalg.solve(x, y))
    for lower in [False, True]:
        t = np.tril(x) if lower else np.triu(x)
        t = t + 2 * np.eye(a[-1])
        # The other triangle is not read.
        full = t + (np.triu(x, 1) if lower else np.tril(x, -1))
        add("solveTriangular", [full, y, {"lower": lower}], np.linalg.solve(t, y))
add("solve", [whole, np.array([1, 2, 3], dtype=np.int32)], np.linalg.solve(f64(whole), f64([1, 2, 3])))
add("solve", [single, np.ones(3, dtype=np.float32)], np.linalg.solve(f64(single), np.ones(3)).astype(np.float32))
add("solve", [single, np.ones(3)], np.linalg.solve(f64(single), np.ones(3)))

for a, b in [((4, 2), (4,)), ((4, 2), (4, 3)), ((2, 4), (2,)), ((3, 3), (3, 2)), ((0, 2), (0,))]:
    x, y = matrix(*a), rng.standard_normal(b)
    add("lstsq", [x, y], np.linalg.lstsq(x, y, rcond=None)[0])
y = rng.standard_normal(4)
add("lstsq", [low, y], np.linalg.lstsq(low, y, rcond=None)[0])

lines = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in cases)
OUT.write_text(f"[\n{lines}\n]\n")
print(f"linalg: {len(cases)} cases")
