"""Writes packages/core/test/expectations/*.json: what NumPy and SciPy answer, as cases for packages/core/test/expectations.test.ts.

Run from anywhere: python3 tools/expectations/numpy.py [FAMILY ...]. Name the families that you mean: a case that is added to one draws random
numbers that the next ones had, so that their cases change too.

encoding.py, beside this file, says what a case is.
Where shared semantics differ from NumPy (int64 is int32; int32 with float32 is float32; real functions of int32 and bool are
float64; bool counts as int32 in arithmetic), operands are converted before NumPy sees them.
"""

import json
import subprocess
import warnings

# First: it takes this file's own folder from the path, which must not shadow the library that it is named after.
from encoding import DTYPES, OUT, Family, common, f64, floating, i32, numeric, promote, to, weak

import numpy as np
import scipy.special as sp

np.seterr(all="ignore")
warnings.simplefilter("ignore", RuntimeWarning)
rng = np.random.default_rng(20240607)


def rand(*shape):
    return np.round(rng.uniform(-3, 3, shape), 3)


def ints(*shape, lo=-9, hi=10):
    return rng.integers(lo, hi, shape).astype(np.int32)


def bools(*shape):
    return rng.integers(0, 2, shape).astype(bool)


def samples(*shape):
    """One array of each dtype."""
    return [rand(*shape), rand(*shape).astype(np.float32), ints(*shape), bools(*shape)]


# --- elementwise --------------------------------------------------------------------------------------------------------------

SPECIAL = f64(-np.inf, -100, -3.5, -2.5, -2, -1.5, -1, -0.75, -0.5, -1e-8, -0.0, 0, 1e-8, 0.25, 0.5, 1, 1.5, 2, 2.5, 7.3, 100, np.inf, np.nan)


def is_minus_zero(x):
    """NumPy leaves open which zero is the greater, and so do we."""
    return (x == 0) & np.signbit(x)


def real(f):
    return lambda x: f(floating(x))


def keeping(f):
    return lambda x: np.asarray(f(numeric(x))).astype(numeric(x).dtype)


# Most operations are asked for as the rows of tools/conformance/src/rows say.
ROWS = json.loads(subprocess.run(["node", OUT.parents[3] / "tools/conformance/numpy.mjs"], check=True, capture_output=True, text=True).stdout)


def asked(kind):
    return {op: eval(code) for op, code in ROWS[kind]}


REAL = asked("real") | {
    "digamma": sp.digamma,
    "silu": lambda x: (x * sp.expit(x)).astype(x.dtype),
    "gelu": lambda x: (x.astype(np.float64) * sp.ndtr(x.astype(np.float64))).astype(x.dtype),
}
KEEPING = asked("keeping")
# Their poles and limits are pinned beside the kernels.
TAME = {*ROWS["tame"], "digamma", "silu", "gelu"}


def elementwise():
    out = Family("elementwise")
    for op, f in REAL.items():
        values = f64(0.25, 0.5, 1, 1.5, 2, 3.75, 10) if op in TAME else SPECIAL
        out.add(op, [values], f(values))
        small = f64(0.25, 0.5, 0.9) if op in TAME else f64(-0.9, -0.25, 0, 0.25, 0.5, 0.9, np.nan)
        out.add(op, [small.astype(np.float32)], f(small.astype(np.float32)))
        out.add(op, [i32(1, 2, 5)], real(f)(i32(1, 2, 5)))
        out.add(op, [np.array([True, True])], real(f)(np.array([True, True])))
        out.add(op, [f64(0.5)[0]], f(f64(0.5))[0])
        out.add(op, [np.zeros((0, 3))], np.zeros((0, 3)))
        out.add(op, [0.5], f(f64(0.5))[0])
        grid = np.array([[0.2, 0.3], [0.4, 0.5], [0.6, 0.7]])
        out.add(op, [grid], f(grid))
    x = f64(-2, -0.5, 0, 0.5, 3)
    tanh = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    out.add("gelu", [x, {"approximate": True}], tanh)
    for op, f in KEEPING.items():
        values = SPECIAL[~is_minus_zero(SPECIAL)] if op == "sign" else SPECIAL
        out.add(op, [values], f(values))
        out.add(op, [values.astype(np.float32)], f(values.astype(np.float32)))
        whole = i32(-(2**31), -70000, -3, 0, 3, 70000, 2**31 - 1)
        out.add(op, [whole], keeping(f)(whole))
        out.add(op, [np.array([True, False])], keeping(f)(np.array([True, False])))
        out.add(op, [np.float64(-1.5)], np.asarray(f(np.float64(-1.5)), dtype=np.float64))
        out.add(op, [np.zeros((2, 0), dtype=np.float32)], np.zeros((2, 0), dtype=np.float32))
    halves = f64(-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.49999999999999994, 4503599627370497.5, -4503599627370497.5)
    out.add("round", [halves], np.round(halves))
    out.add("neg", [SPECIAL], -SPECIAL)
    out.add("neg", [i32(-(2**31), -1, 0, 5)], -i32(-(2**31), -1, 0, 5))
    out.add("neg", [f64(1, -2).astype(np.float32)], -f64(1, -2).astype(np.float32))
    for op, f in {"isNaN": np.isnan, "isFinite": np.isfinite, "logicalNot": np.logical_not}.items():
        for x in [SPECIAL, SPECIAL.astype(np.float32), i32(-1, 0, 2), np.array([True, False]), np.zeros((0,))]:
            out.add(op, [x], f(x))

    for target in DTYPES:
        for x in [f64(-2.9, -0.5, -0.0, 0, 0.5, 2.9), f64(-2.9, 0, 0.1).astype(np.float32), i32(-7, 0, 16777217), np.array([True, False])]:
            out.add("astype", [x, target], x.astype(target))
    out.add("astype", [f64(np.nan, np.inf), "bool"], np.array([True, True]))
    binary(out)
    out.write()


def special_functions():
    """Functions of scipy.special that are no methods. Its sign of zero and its NaN at an infinity are not asked for: the kernels' test says better."""
    out = Family("special-operations")
    values = SPECIAL[~is_minus_zero(SPECIAL)]
    finite = values[~np.isinf(values)]
    for op, f in {"erfInv": sp.erfinv, "besselI0": sp.i0, "besselI1": sp.i1}.items():
        for x in [values if op == "erfInv" else finite, f64(-0.9, -0.25, 0, 0.5, 0.9, 7.5, 20)]:
            out.add(op, [x], f(x))
            out.add(op, [x.astype(np.float32)], f(x.astype(np.float32).astype(np.float64)).astype(np.float32))
        out.add(op, [i32(-3, 0, 1)], f(f64(-3, 0, 1)))
        out.add(op, [np.array([True, False])], f(f64(1, 0)))
        out.add(op, [np.zeros((0, 3))], np.zeros((0, 3)))
        out.add(op, [0.5], f(f64(0.5))[0])
        grid = np.array([[0.2, 0.3], [0.4, 0.5], [0.6, 0.7]])
        out.add(op, [grid], f(grid))
    more = {"erfcx": sp.erfcx, "gammaln": sp.gammaln, "logit": sp.logit, "ndtr": sp.ndtr, "logNdtr": sp.log_ndtr, "ndtri": sp.ndtri}
    more |= {"besselJ0": sp.j0, "besselJ1": sp.j1, "besselY0": sp.y0, "besselY1": sp.y1}
    for op, f in more.items():
        for x in [f64(-0.9, -0.25, 0, 0.25, 0.75, 0.95, 3.5, 7.5, 20, np.nan), np.array([[0.2, 0.3], [0.4, 0.6]]), np.zeros((0, 3))]:
            out.add(op, [x], f(x))
            out.add(op, [x.astype(np.float32)], f(x.astype(np.float32).astype(np.float64)).astype(np.float32))
        out.add(op, [i32(0, 1, 4)], f(f64(0, 1, 4)))
        out.add(op, [np.array([True, False])], f(f64(1, 0)))
        out.add(op, [0.3], f(f64(0.3))[0])
    ys = f64(0.5, 2, 3.25)
    for op, f in {"xlogy": sp.xlogy, "xlog1py": sp.xlog1py, "zeta": sp.zeta, "gammainc": sp.gammainc, "gammaincc": sp.gammaincc, "beta": sp.beta}.items():
        for x in [f64(1.5, 2, 7), np.array([[1.5], [30]]), np.zeros((0, 3))]:
            out.add(op, [x, ys], f(x, ys))
            out.add(op, [x.astype(np.float32), ys.astype(np.float32)], f(x, ys).astype(np.float32))
        out.add(op, [i32(2, 3), i32(1, 4)], f(f64(2, 3), f64(1, 4)))
        out.add(op, [2.5, ys], f(2.5, ys))
    for x in [f64(0.1, 0.5, 1), np.array([[0.25], [0.75]]), np.zeros((0, 3))]:
        out.add("betainc", [ys, 2.5, x], sp.betainc(ys, 2.5, x))
        out.add("betainc", [ys.astype(np.float32), 2.5, x.astype(np.float32)], sp.betainc(ys, 2.5, x.astype(np.float32)).astype(np.float32))
    out.add("betainc", [i32(2, 3), i32(1, 4), 0.5], sp.betainc(f64(2, 3), f64(1, 4), 0.5))
    for d in [1, 2, 5]:
        for x in [f64(2.25, 3, 10), f64(2.25, 3, 10).astype(np.float32), np.array([[4.5], [30]]), np.zeros((2, 0))]:
            out.add("multigammaln", [x, d], np.vectorize(lambda v: sp.multigammaln(v, d), otypes=[np.float64])(x).astype(x.dtype))
        out.add("multigammaln", [i32(3, 7), d], sp.multigammaln(f64(3, 7), d))
    for n in [0, 1, 2, 5]:
        for x in [f64(0.25, 0.5, 1, 2.5, 10), f64(0.25, 1.5).astype(np.float32), np.array([[1.5], [30]])]:
            out.add("polygamma", [n, x], sp.polygamma(n, x.astype(np.float64)).astype(x.dtype))
        out.add("polygamma", [n, i32(1, 2, 7)], sp.polygamma(n, f64(1, 2, 7)))
        out.add("polygamma", [n, 1.5], sp.polygamma(n, f64(1.5))[0])
        out.add("polygamma", [n, np.zeros((2, 0))], np.zeros((2, 0)))
    out.write()


def real_pair(f):
    return lambda x, y: f(floating(x), floating(y))


def plain(f):
    return f


def of_int(f):
    """bool counts as int32."""
    return lambda x, y: f(numeric(x), numeric(y))


BINARY = asked("binary")
# Here, so that these draw the numbers that they always drew.
for op, f in {
    "greater": plain(np.greater),
    "greaterEqual": plain(np.greater_equal),
    "logicalAnd": plain(np.logical_and),
    "logicalOr": plain(np.logical_or),
    "logicalXor": plain(np.logical_xor),
    "sub": BINARY.pop("sub"),
}.items():
    BINARY[op] = f


def binary(out):
    grid = f64(-np.inf, -3, -2.5, -1, -0.5, -0.0, 0, 0.5, 1, 2, 3, np.inf, np.nan)
    for op, f in BINARY.items():
        # every special value against every other, by broadcasting [13, 1] with [13]
        some = grid[~is_minus_zero(grid)] if op in ("maximum", "minimum") else grid
        x = some.reshape(-1, 1)
        out.add(op, [x, some], f(x, some))
        for a in [rand(2, 3), rand(2, 3).astype(np.float32), ints(2, 3, lo=0, hi=9), np.array([[True, False, True], [False, False, True]])]:
            for b in [rand(3), rand(3).astype(np.float32), ints(3, lo=0, hi=9), np.array([False, True, True])]:
                if op == "sub" and a.dtype == bool and b.dtype == bool:
                    continue
                out.add(op, [a, b], f(*common(a, b)))
            for number in [2, 0.5, 0, True]:
                if op == "sub" and a.dtype == bool and number is True:
                    continue
                y, p = weak(number, a)
                out.add(op, [a, number], f(p, y))
                if number is not True and not (op == "pow" and a.dtype.kind == "i"):
                    out.add(op, [number, a], f(y, p))
        for s, t in [((2, 1, 3), (4, 1)), ((), (2, 2)), ((1,), (3, 1)), ((0, 3), (1, 3)), ((2, 0), (1,)), ((), ()), ((1, 1), (0,))]:
            a, b = rand(*s), rand(*t)
            out.add(op, [a, b], f(a, b))
    big = i32(2**31 - 1, -(2**31), 65536, -46341, 123456789)
    other = i32(1, -1, 65537, 46341, 987654321)
    for op in ["add", "sub", "mul"]:
        out.add(op, [big, other], BINARY[op](big, other))
    out.add("pow", [i32(3, 2, -2, 10, 0), i32(20, 31, 31, 10, 0)], np.power(i32(3, 2, -2, 10, 0), i32(20, 31, 31, 10, 0)))
    out.add("mod", [i32(-7, 7, -7, 7, 6, 0), i32(3, -3, -3, 3, -3, 5)], np.mod(i32(-7, 7, -7, 7, 6, 0), i32(3, -3, -3, 3, -3, 5)))
    out.add("div", [i32(1, -7, 0), i32(2, 2, 0)], i32(1, -7, 0) / i32(2, 2, 0))

    c = np.array([[True], [False]])
    for a in samples(3):
        for b in samples(3):
            out.add("where", [c, a, b], np.where(c, *common(a, b)))
        for number in [1, 0.5]:
            y, p = weak(number, a)
            out.add("where", [c, a, number], np.where(c, p, y))
            out.add("where", [c, number, a], np.where(c, y, p))
    out.add("where", [f64(0, -0.0, np.nan, 2), f64(1, 2, 3, 4), 0.5], np.where(f64(0, -0.0, np.nan, 2), f64(1, 2, 3, 4), 0.5))
    out.add("where", [i32(0, 3), f64(1, 2), f64(5, 6)], f64(5, 2))
    out.add("where", [True, 1, 2], f64(1)[0])
    out.add("where", [np.zeros((0, 1), bool), rand(3), 1], np.zeros((0, 3)))
    out.add("clip", [SPECIAL, -1, 2], np.clip(SPECIAL, -1, 2))
    out.add("clip", [SPECIAL.astype(np.float32), -1, 2], np.clip(SPECIAL.astype(np.float32), -1, 2))
    out.add("clip", [i32(-5, 0, 5), -1, 2], i32(-1, 0, 2))
    out.add("clip", [i32(-5, 0, 5), -1.5, 2], f64(-1.5, 0, 2))
    out.add("clip", [rand(2, 3) * 0 + [[0, 1, 2], [3, 4, 5]], f64(1, 2, 3), np.array([[2.0], [4.0]])], np.clip([[0, 1, 2], [3, 4, 5]], f64(1, 2, 3), [[2.0], [4.0]]))
    out.add("clip", [f64(1, 2, 3), 5, 0], f64(0, 0, 0))
    out.add("clip", [f64(1, 2), f64(np.nan, 0), 5], f64(np.nan, 2))
    whole = i32(2**31 - 1, 2**24 + 1)
    out.add("clip", [whole, np.float32([0, 0]), f64(4e9, 4e9)], np.float64(whole))
    out.add("clip", [np.float32([0, 0]), whole, f64(4e9, 4e9)], np.float64(whole))


# --- reductions ---------------------------------------------------------------------------------------------------------------

AXES = [None, 0, 1, 2, -1, -3, [0, 2], [-1, 0], [2, 1, 0], []]


def exact(x):
    """We add float32 in float64."""
    return np.float64 if x.dtype == np.float32 else numeric(x).dtype


def axis_of(axis):
    return tuple(axis) if isinstance(axis, list) else axis


def reduction():
    out = Family("reduction")
    keep = {"keepdims": True}
    plain_ops = {
        **asked("reduction"),
        "mean": lambda x, a, k: np.mean(floating(x), axis=a, keepdims=k, dtype=np.float64).astype(floating(x).dtype),
        "variance": lambda x, a, k: np.var(floating(x), axis=a, keepdims=k),
        "std": lambda x, a, k: np.std(floating(x), axis=a, keepdims=k),
        "logsumexp": lambda x, a, k: sp.logsumexp(floating(x), axis=a, keepdims=k) if a != () else floating(x),
    }
    cube = rand(2, 3, 4)
    for op, f in plain_ops.items():
        for axis in AXES:
            a = axis_of(axis)
            out.add(op, [cube, axis], f(cube, a, False))
            out.add(op, [cube, axis, keep], f(cube, a, True))
        out.add(op, [cube], f(cube, None, False))
        for x in samples(3, 2)[1:]:
            for axis in [None, 1, [0, 1]]:
                out.add(op, [x, axis], f(x, axis_of(axis), False))
        for x in [f64(1, np.nan, 3), f64(-np.inf, 2, np.inf), f64(np.inf, np.inf), f64(-np.inf, -np.inf), f64(np.nan, np.inf)]:
            if op in ("variance", "std") and not np.isfinite(x).all():
                continue
            out.add(op, [x, 0], f(x, 0, False))
        out.add(op, [np.float64(2.5)], f(np.asarray(2.5), None, False))
        if op != "logsumexp":  # SciPy answers [1] there
            out.add(op, [np.float64(2.5), None, keep], f(np.asarray(2.5), None, True))
        for shape, axis in [((0,), None), ((0, 3), 0), ((3, 0), 1), ((2, 0, 3), [0, 1]), ((0, 3), 1), ((2, 0), [])]:
            x = np.zeros(shape)
            reduced = np.prod([shape[i] for i in (range(len(shape)) if axis is None else np.atleast_1d(axis).astype(int))])
            if op in ("max", "min") and reduced == 0:
                continue
            if op == "logsumexp":
                result = np.log(np.sum(np.exp(x), axis=axis_of(axis))) if axis != [] else x
            else:
                result = f(x, axis_of(axis), False)
            out.add(op, [x, axis], result)
    wrap = i32(2**31 - 1, 2**31 - 1, 5)
    out.add("sum", [wrap], np.sum(wrap, dtype=np.int32))
    out.add("prod", [i32(65537, 65537, 3)], np.prod(i32(65537, 65537, 3), dtype=np.int32))
    out.add("cumsum", [wrap], np.cumsum(wrap, dtype=np.int32))
    out.add("cumprod", [i32(65537, 65537, 3)], np.cumprod(i32(65537, 65537, 3), dtype=np.int32))
    third = np.full(1000, 1 / 3, dtype=np.float32)
    out.add("sum", [third], np.float32(np.sum(third.astype(np.float64))))
    out.add("mean", [third], np.float32(np.mean(third.astype(np.float64))))
    long = np.round(rng.uniform(-1, 1, (7, 150)), 2)
    for axis in [None, 0, 1]:
        out.add("sum", [long, axis], np.sum(long, axis=axis))
    for op, f in {"variance": np.var, "std": np.std}.items():
        for axis in [None, 0, [0, 2]]:
            for ddof in [1, 0.5]:
                out.add(op, [cube, axis, {"ddof": ddof}], f(cube, axis=axis_of(axis), ddof=ddof))
        out.add(op, [cube, 1, {"ddof": 1, "keepdims": True}], f(cube, axis=1, ddof=1, keepdims=True))
        out.add(op, [f64(4), None, {"ddof": 1}], f(f64(4), ddof=1))
        out.add(op, [f64(4, 6), None, {"ddof": 3}], f(f64(4, 6), ddof=3))
        out.add(op, [f64(1e8, 1e8 + 1, 1e8 + 2)], f(f64(1e8, 1e8 + 1, 1e8 + 2)))
    out.add("logsumexp", [f64(1000, 1000.5, -1000)], sp.logsumexp(f64(1000, 1000.5, -1000)))

    norm = np.linalg.norm
    for axis in [0, -1]:
        for order in [0, 1, 2, 3, 0.5, -1, -2, np.inf, -np.inf]:
            out.add("norm", [cube, axis, {"ord": order}], norm(cube, ord=order, axis=axis))
            out.add("norm", [cube, axis, {"ord": order, "keepdims": True}], norm(cube, ord=order, axis=axis, keepdims=True))
    for axis in [[0, 1], [1, 0], [-1, 0], [1, 2]]:
        for order in ["fro", 1, -1, np.inf, -np.inf]:
            out.add("norm", [cube, axis, {"ord": order}], norm(cube, ord=order, axis=tuple(axis)))
        out.add("norm", [cube, axis, {"ord": 1, "keepdims": True}], norm(cube, ord=1, axis=tuple(axis), keepdims=True))
        out.add("norm", [cube, axis], norm(cube, axis=tuple(axis)))
    out.add("norm", [cube], norm(cube))
    out.add("norm", [cube, None, keep], norm(cube, keepdims=True))
    out.add("norm", [cube, 1], norm(cube, axis=1))
    for order in [1, np.inf, "fro"]:
        out.add("norm", [cube[0], None, {"ord": order}], norm(cube[0], ord=order))
    out.add("norm", [f64(3, -4), None, {"ord": 1}], norm(f64(3, -4), ord=1))
    for x in samples(4)[1:]:
        out.add("norm", [x], np.asarray(norm(floating(x)), dtype=floating(x).dtype))
    out.add("norm", [f64(0, 0)], np.float64(0))
    out.add("norm", [np.zeros((0,))], np.float64(0))
    out.add("norm", [np.float64(-2)], np.float64(2))

    ties = np.array([[1.0, 5, 5, 2], [7, 0, 7, 0], [3, 3, 3, 3]])
    for op, f in {"argmax": np.argmax, "argmin": np.argmin}.items():
        for x in [ties, ties.astype(np.float32), ties.astype(np.int32), ties > 2, f64(1, np.nan, 5, np.nan), f64(-np.inf, np.inf), -ties]:
            for axis in [None, 0, -1]:
                out.add(op, [x, axis], f(x, axis=axis))
                out.add(op, [x, axis, keep], f(x, axis=axis, keepdims=True))
        for axis in [0, 1, 2, -2, None]:
            out.add(op, [cube, axis], f(cube, axis=axis))
        out.add(op, [np.float64(3)], f(np.float64(3)))
        out.add(op, [np.zeros((0, 3)), 1], f(np.zeros((0, 3)), axis=1))
    for op, f in {"cumsum": np.cumsum, "cumprod": np.cumprod}.items():
        for axis in [None, 0, 1, 2, -1]:
            out.add(op, [cube, axis], f(cube, axis=axis))
        for x in samples(2, 3)[1:]:
            for axis in [None, 1]:
                out.add(op, [x, axis], f(numeric(x), axis=axis, dtype=numeric(x).dtype))
        for x in [f64(1, np.nan, 2), f64(2, np.inf, -1), np.zeros((0,)), np.zeros((2, 0)), np.asarray(3.0)]:
            out.add(op, [x], f(x))
        out.add(op, [np.zeros((0, 2)), 0], np.zeros((0, 2)))
    for op, f in {"softmax": sp.softmax, "logSoftmax": sp.log_softmax}.items():
        for axis in [0, 1, -1]:
            out.add(op, [cube, axis], f(cube, axis=axis))
        out.add(op, [cube], f(cube, axis=-1))
        out.add(op, [f64(1000, 1001, 998)], f(f64(1000, 1001, 998)))
        out.add(op, [f64(-np.inf, 0, 1)], f(f64(-np.inf, 0, 1)))
        out.add(op, [cube[0].astype(np.float32), 0], f(cube[0].astype(np.float32), axis=0))
        out.add(op, [i32(1, 2, 3)], f(f64(1, 2, 3)))
        out.add(op, [np.zeros((2, 0))], np.zeros((2, 0)))
    out.write()


# --- movement -----------------------------------------------------------------------------------------------------------------


def movement():
    out = Family("movement")
    x = np.arange(24.0).reshape(2, 3, 4)
    m = np.arange(6.0).reshape(2, 3)
    kinds = samples(2, 3)
    for shape in [[24], [4, 6], [-1], [2, -1], [3, -1, 2], [1, 24, 1], [2, 3, 4], [6, -1]]:
        out.add("reshape", [x, shape], x.reshape(shape))
        out.add("reshape", [x.transpose(2, 0, 1), shape], x.transpose(2, 0, 1).reshape(shape))
    for k in kinds:
        out.add("reshape", [k, [3, 2]], k.reshape(3, 2))
        out.add("transpose", [k], k.T)
        out.add("flip", [k], np.flip(k))
        out.add("ravel", [k], k.ravel())
        out.add("tile", [k, 2], np.tile(k, 2))
        out.add("concatenate", [[k, k], 1], np.concatenate([k, k], 1))
        out.add("pad", [k, 1], np.pad(k, 1))
        out.add("roll", [k, 1], np.roll(k, 1))
        out.add("repeat", [k, 2], np.repeat(k, 2))
        out.add("tril", [k], np.tril(k))
        out.add("triu", [k], np.triu(k))
        out.add("diag", [k], np.diag(k))
        out.add("sort", [k], np.sort(k))
        out.add("argsort", [k], np.argsort(k, kind="stable"))
        out.add("zerosLike", [k], np.zeros_like(k))
        out.add("onesLike", [k], np.ones_like(k))
    out.add("reshape", [np.float64(3), [1, 1]], np.full((1, 1), 3.0))
    out.add("reshape", [f64(3), []], np.float64(3))
    out.add("reshape", [np.zeros((0, 3)), [3, 0]], np.zeros((3, 0)))
    out.add("reshape", [np.zeros((0, 3)), [-1, 3]], np.zeros((0, 3)))
    out.add("reshape", [np.zeros((0, 3)), [-1]], np.zeros((0,)))
    for axes in [None, [0, 1, 2], [2, 0, 1], [-1, 0, 1], [1, -1, -3]]:
        out.add("transpose", [x, axes], x.transpose(axes))
    out.add("transpose", [np.float64(1)], np.float64(1))
    out.add("transpose", [f64(1, 2)], f64(1, 2))
    for a, b in [(0, 1), (0, -1), (-2, -1), (1, 1)]:
        out.add("swapaxes", [x, a, b], np.swapaxes(x, a, b))
    for s, d in [(0, 2), (-1, 0), ([0, 1], [-1, -2]), ([2, 0], [0, 1]), ([], []), (1, 1)]:
        out.add("moveaxis", [x, s, d], np.moveaxis(x, s, d))
    for axis in [0, 1, -1, [0, 2], [-1, 0], [0, 1, 2]]:
        out.add("expandDims", [m, axis], np.expand_dims(m, axis_of(axis)))
    thin = x.reshape(1, 2, 1, 12, 1)
    for axis in [None, 0, -1, [0, 2], [-1, 0], []]:
        out.add("squeeze", [thin, axis], np.squeeze(thin, axis_of(axis)))
    out.add("squeeze", [thin], np.squeeze(thin))
    for a, shape in [(f64(1, 2), [3, 2]), (f64(1, 2).reshape(2, 1), [2, 3]), (np.float64(1), [2, 2]), (f64(1, 2), [2]), (f64(1), [0]), (f64(1, 2), [0, 2]), (m[:, None], [2, 4, 3])]:
        out.add("broadcastTo", [a, shape], np.broadcast_to(a, shape))
    for axis in [0, 1, 2, -1, -3]:
        out.add("concatenate", [[x, x + 100, x * 2], axis], np.concatenate([x, x + 100, x * 2], axis))
    for axis in [0, 1, 2, 3, -1, -4]:
        out.add("stack", [[x, x + 100], axis], np.stack([x, x + 100], axis))
    out.add("concatenate", [[f64(1), np.zeros(0), f64(2, 3)]], f64(1, 2, 3))
    out.add("concatenate", [[np.zeros((0, 2)), np.ones((1, 2))]], np.ones((1, 2)))
    out.add("stack", [[np.float64(1), np.float64(2)]], f64(1, 2))
    out.add("stack", [[1, 2, 3]], f64(1, 2, 3))
    for a in samples(2):
        for b in samples(2):
            out.add("concatenate", [[a, b]], np.concatenate(common(a, b)))
            out.add("stack", [[a, b], 1], np.stack(common(a, b), 1))
    for sections, axis in [(3, 1), (2, 0), (4, -1), (1, 0), ([1, 2], 1), ([1], 2), ([2, 2], 2), ([-1], 2), ([3, 1], 2), ([10], 2), ([], 0), ([0, 4], 2)]:
        out.add("split", [x, sections, axis], np.split(x, sections, axis))
    out.add("split", [f64(1, 2, 3, 4), 2], np.split(f64(1, 2, 3, 4), 2))
    for a, axis in [(x, 0), (x, 1), (x, -1), (m, 1), (f64(1, 2, 3), 0), (np.zeros((2, 0)), 0), (np.zeros((2, 0)), 1), (m > 2, 0)]:
        out.add("unstack", [a, axis], list(np.moveaxis(a, axis, 0)))
    for reps in [1, 2, 0, [2], [2, 1], [1, 2, 2], [2, 1, 2, 1], [0, 2]]:
        out.add("tile", [m, reps], np.tile(m, reps))
    out.add("tile", [np.float64(5), 3], np.tile(5.0, 3))
    out.add("tile", [np.float64(5), [2, 2]], np.tile(5.0, (2, 2)))
    for reps, axis in [(2, None), (2, 0), (3, -1), ([1, 2, 0], 1), ([2, 1], 0), (0, 0), ([1, 2, 3, 0, 1, 2], None)]:
        out.add("repeat", [m, reps, axis], np.repeat(m, reps, axis))
    for axis in [None, 0, 1, -1, [0, 2], [0, 1, 2], []]:
        out.add("flip", [x, axis], np.flip(x, axis_of(axis)))
    for shift, axis in [(1, None), (-1, None), (30, None), (1, 0), (-2, 1), (5, -1), ([1, 2], [0, 2]), (1, [0, 1]), ([1, 1], [1, 1]), (0, 0)]:
        out.add("roll", [x, shift, axis], np.roll(x, shift, axis_of(axis)))
    out.add("roll", [np.zeros((0, 2)), 1, 0], np.zeros((0, 2)))
    for widths in [0, 2, [1, 2], [[0, 1], [2, 0]], [[0, 0], [0, 0]]]:
        out.add("pad", [m, widths], np.pad(m, widths))
        out.add("pad", [m, widths, {"value": 7}], np.pad(m, widths, constant_values=7))
    out.add("pad", [f64(1, 2), [1, 2]], np.pad(f64(1, 2), (1, 2)))
    out.add("pad", [f64(1, 2), [[0, 1]]], np.pad(f64(1, 2), (0, 1)))
    out.add("pad", [f64(1, 2), 1, {"value": np.inf}], np.pad(f64(1, 2), 1, constant_values=np.inf))
    out.add("pad", [np.zeros((0, 2)), 1, {"value": 3}], np.pad(np.zeros((0, 2)), 1, constant_values=3))
    out.add("pad", [i32(1, 2), 1, {"value": -4}], np.pad(i32(1, 2), 1, constant_values=-4))

    unsorted = np.array([[3.0, 1, 2, 1], [np.nan, -np.inf, np.inf, 0], [0, -0.0, 5, -5]])
    for axis in [0, 1, -1]:
        out.add("sort", [unsorted, axis], np.sort(unsorted, axis, kind="stable"))
        out.add("argsort", [unsorted, axis], np.argsort(unsorted, axis, kind="stable"))
        a = ints(3, 4, lo=0, hi=3)
        out.add("sort", [a, axis], np.sort(a, axis))
        out.add("argsort", [a, axis], np.argsort(a, axis, kind="stable"))
    many = rand(40)
    out.add("sort", [many], np.sort(many))
    out.add("argsort", [many], np.argsort(many, kind="stable"))
    out.add("sort", [np.zeros((0, 2)), 0], np.zeros((0, 2)))
    out.add("sort", [np.array([True, False, True])], np.array([False, True, True]))

    for k in [0, 1, -1, 2, -3, 5]:
        for shape in [(3, 3), (2, 4), (4, 2)]:
            a = rand(*shape)
            out.add("tril", [a, k], np.tril(a, k))
            out.add("triu", [a, k], np.triu(a, k))
            out.add("diag", [a, k], np.diag(a, k))
            out.add("diagonal", [a, k], np.diagonal(a, k))
            out.add("trace", [a, k], np.trace(a, k))
        v = rand(3)
        out.add("diag", [v, k], np.diag(v, k))
    out.add("tril", [x], np.tril(x))
    out.add("triu", [x, 1], np.triu(x, 1))
    out.add("tril", [np.zeros((0, 2))], np.zeros((0, 2)))
    out.add("diag", [np.zeros(0)], np.zeros((0, 0)))
    for offset, a, b in [(0, 0, 1), (0, 1, 2), (1, -2, -1), (-1, 2, 0), (1, 2, 1), (0, 0, 2), (9, 0, 1)]:
        out.add("diagonal", [x, offset, a, b], np.diagonal(x, offset, a, b))
        out.add("trace", [x, offset, a, b], np.trace(x, offset, a, b))
    for k in samples(3, 3)[1:]:
        out.add("trace", [k], np.trace(numeric(k)))

    out.add("eye", [3], np.eye(3))
    out.add("eye", [2, 4], np.eye(2, 4))
    out.add("eye", [4, 2], np.eye(4, 2))
    out.add("eye", [0], np.eye(0))
    for args in [[5], [0], [-3], [2, 7], [7, 2], [1, 2, 0.25], [0, 1, 0.1], [5, 0, -2], [0, 10, 3], [0.5, 4], [2.5]]:
        out.add("arange", args, np.arange(*args).astype(np.float64))
    for args in [(0, 1, 5), (0, 1, 1), (2, 3, 0), (3, -3, 4), (0, 0, 3), (-1, 1, 7), (0, 1, 2)]:
        out.add("linspace", list(args), np.linspace(*args))
    for d in DTYPES:
        out.add("zeros", [[2, 3], d], np.zeros((2, 3), d))
        out.add("ones", [[0, 2], d], np.ones((0, 2), d))
        out.add("full", [[2], 3, d], np.full(2, 3, d))
        out.add("zerosLike", [m, d], np.zeros_like(m, dtype=d))
        out.add("fullLike", [m, 2, d], np.full_like(m, 2, dtype=d))
    out.add("zeros", [[]], np.zeros(()))
    out.add("zeros", [3], np.zeros(3))
    out.add("full", [[2, 2], True], np.full((2, 2), True))
    out.add("full", [[2, 2], f64(1, 2)], np.full((2, 2), f64(1, 2)))
    out.add("full", [[], -0.5], np.float64(-0.5))
    out.add("fullLike", [i32(1, 2), 5], i32(5, 5))
    out.write()


# --- indexing -----------------------------------------------------------------------------------------------------------------


def entry(e):
    """An index entry of ours as NumPy's."""
    if isinstance(e, list):
        return slice(*e)
    if e == ":" if isinstance(e, str) else False:
        return slice(None)
    if isinstance(e, str):
        return Ellipsis
    return e


def indexing():
    out = Family("indexing")
    v = np.arange(10.0)
    x = np.arange(60.0).reshape(3, 4, 5)
    n = None
    two = i32(0, 2)
    cases = [
        (v, [e])
        for e in [3, -1, ":", "...", [2, 5], [n, n], [n, n, -1], [n, n, 2], [n, n, -3], [-3, n], [n, -3], [100, n], [n, 100], [-100, 3], [-100, n, -1], [100, n, -1], [8, 2, -2], [2, 8, -2], [5, 5], [7, 3], [3, -100, -1], [9, n, -4], [n, 0, -1], [0, 0]]
    ]
    cases += [
        (x, index)
        for index in [
            [],
            [1],
            [-1, 2],
            [1, 2, 3],
            [":", 1],
            ["...", 1],
            [1, "..."],
            [1, "...", 2],
            [n],
            [n, 1],
            [":", n, 1],
            ["...", n],
            [n, "...", n],
            [[n, n, -1], [1, 3], [n, n, 2]],
            [[0, 2], ":", [n, n, -2]],
            [1, [n, n, -1], [1, n]],
            [0, n, ":", n, 2],
            [[5, n], 0],
            # gathers
            [two],
            [i32(-1, 0, 0)],
            [":", two],
            ["...", two],
            [two, 1],
            [1, two],
            [1, ":", two],
            [two, ":", 1],
            [two, two],
            [two, i32(1, 3), i32(4, 0)],
            [two, ":", i32(1, 3)],
            [":", i32(1, 2), i32(0, 4)],
            [i32(0, 1, 2).reshape(3, 1), two],
            [i32(0, 1, 2).reshape(3, 1), ":", two],
            [":", np.array([[0, 1], [2, 3]], dtype=np.int32)],
            [np.array([[0, 1], [2, -1]], dtype=np.int32)],
            [two, [n, n, -1]],
            [[n, n, -1], two, [1, 3]],
            [n, two],
            [two, n, i32(1, 3)],
            [two, n],
            [":", n, two, i32(0, 1)],
            [0, [1, 3], two],
            [0, ":", two, n],
            [two, "...", i32(0, 1)],
            [":", two, "...", i32(0, 1)],
            [":", 1, "...", two],
            [two, 0, i32(1, 3)],
            [np.zeros(0, dtype=np.int32)],
            [":", np.zeros((2, 0), dtype=np.int32)],
            [np.asarray(1, dtype=np.int32)],
            [":", np.asarray(-1, dtype=np.int32), two],
        ]
    ]
    # masks, alone and beside other indices; a mask may stand for several axes
    on = np.array([True, False, True])
    cases += [(v, [v > 4]), (v, [v < 0]), (v, [n, v % 3 == 0]), (v[:0], [v[:0] > 0])]
    cases += [
        (x, index)
        for index in [
            [on],
            [x % 7 == 3],
            [x[:, :, 0] > 15],
            [":", x[0] % 2 == 0],
            ["...", x[0, 0] > 1],
            [on, 1],
            [on, ":", 2],
            [on, two],
            [on, ":", two],
            [":", np.array([True, False, False, True]), two],
            [i32(0, 1, 2).reshape(3, 1), np.array([True, False, False, True])],
            [x[:, :, 0] > 100],
            [x[:, :, 0] % 20 == 0, i32(4, 0, 1)],
            [[n, n, -1], np.array([False, True, True, False]), [1, n]],
            [on, n, np.array([True, False, False, True])],
        ]
    ]
    cases += [(np.zeros((0, 3)), e) for e in [[":"], [":", 1], [[n, n, -1]], [[0, 5], [1, n]], [n, "..."]]]
    cases += [(np.asarray(4.0), e) for e in [[], [n], ["..."], [n, "...", n]]]
    cases += [(k, [1, [n, n, -1]]) for k in samples(2, 3)] + [(k, [i32(1, 0, 1), 2]) for k in samples(2, 3)]
    for a, index in cases:
        at = tuple(entry(e) for e in index)
        got = a[at]
        out.add("slice", [a, *index], got)
        # set and addAt at the same places; a place named twice keeps the last value
        value = np.arange(np.size(got), dtype=np.float64).reshape(np.shape(got)).astype(a.dtype) + a.dtype.type(1)
        for given in [value, a.dtype.type(1) * np.ones((), a.dtype)]:
            changed, added = a.copy(), numeric(a.copy())
            changed[at] = given
            np.add.at(added, at, given)
            out.add("set", [a, index, given], changed)
            if a.dtype != bool:
                out.add("addAt", [a, index, given], added)
    out.add("set", [v, [i32(1, 1, 1)], f64(5, 6, 7)], np.concatenate([[0, 7], v[2:]]))
    out.add("set", [i32(1, 2, 3), [0], 9], i32(9, 2, 3))
    out.add("set", [f64(1, 2).astype(np.float32), [0], 0.5], f64(0.5, 2).astype(np.float32))
    out.add("set", [x, [":", 1], f64(1, 2, 3, 4, 5)], np.concatenate([x[:, :1], np.broadcast_to(f64(1, 2, 3, 4, 5), (3, 1, 5)), x[:, 2:]], 1))
    out.add("addAt", [v, [i32(1, 1, -9)], 1], np.concatenate([[0, 4], v[2:]]))

    for axis in [0, 1, 2, -1, -3]:
        for at in [i32(0, 2), i32(-1, 0, 0, 1), np.array([[0, 1], [2, -2]], dtype=np.int32), np.asarray(1, np.int32), np.zeros(0, np.int32)]:
            out.add("take", [x, at, axis], np.take(x, at, axis))
            shape = np.take(x, at, axis).shape
            updates = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
            expected = x.copy()
            np.add.at(expected, (slice(None),) * (axis % 3) + (at,), updates)
            out.add("scatterAdd", [x, at, updates, axis], expected)
    out.add("take", [v, [2, 0, -1]], v[[2, 0, -1]])
    out.add("take", [v, 3], v[3])
    out.add("take", [v, [[1, 2], [3, 4]]], v[[[1, 2], [3, 4]]])
    out.add("scatterAdd", [v, [1, 1, 1], 1], v + f64(0, 3, 0, 0, 0, 0, 0, 0, 0, 0))
    out.add("scatterAdd", [v, 2, 5], v + f64(0, 0, 5, 0, 0, 0, 0, 0, 0, 0))
    out.add("scatterAdd", [np.zeros((3, 2)), [0, 2, 0], f64(1, 10)], np.array([[2.0, 20], [0, 0], [1, 10]]))
    out.add("scatterAdd", [i32(2**31 - 1, 0), [0, 0], 1], i32(-(2**31) + 1, 0))
    for k in samples(4):
        out.add("take", [k, i32(3, 0)], k[[3, 0]])
    for axis, shape in [(0, (2, 4, 5)), (1, (3, 2, 5)), (2, (3, 4, 7)), (-1, (1, 4, 2)), (-2, (3, 1, 1)), (1, (3, 0, 5))]:
        at = ints(*shape, lo=-3, hi=3)
        broad = list(x.shape)
        broad[axis] = shape[axis]
        out.add("takeAlongAxis", [x, at, axis], np.take_along_axis(x, np.broadcast_to(at, broad), axis))
    out.add("takeAlongAxis", [x, np.argsort(-x, 1).astype(np.int32), 1], np.sort(x, 1)[:, ::-1])
    out.add("takeAlongAxis", [v, [3, -1], 0], f64(3, 9))
    one = rand(1, 3)
    at = ints(2, 2, lo=0, hi=3)
    out.add("takeAlongAxis", [one, at, 1], np.take_along_axis(np.broadcast_to(one, (2, 3)), at, 1))
    out.write()


# --- products -----------------------------------------------------------------------------------------------------------------


def product():
    out = Family("product")
    shapes = [((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 4)), ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((1, 2, 3), (4, 3, 2)), ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((0, 2, 3), (3, 4)), ((2, 3), (3, 0)), ((1, 1), (1, 1)), ((7, 9), (9, 11)), ((33, 17), (17, 35))]
    for s, t in shapes:
        a, b = rand(*s), rand(*t)
        out.add("matmul", [a, b], np.matmul(a, b))
    for s, t in [((), ()), ((), (2, 3)), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((2, 3, 4), (4,)), ((2, 3, 4), (5, 4, 6)), ((4,), (2, 4, 3)), ((0,), (0,)), ((2, 0), (0, 3))]:
        a, b = rand(*s), rand(*t)
        out.add("dot", [a, b], np.dot(a, b))
    for s, t in [((), (3,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((2, 3, 4), (5, 4)), ((4,), (2, 3, 4)), ((2, 0), (3, 0))]:
        a, b = rand(*s), rand(*t)
        out.add("inner", [a, b], np.inner(a, b))
    for s, t in [((2,), (3,)), ((2, 3), (4,)), ((), (3,)), ((0,), (2,)), ((2, 2), (2, 2))]:
        a, b = rand(*s), rand(*t)
        out.add("outer", [a, b], np.outer(a, b))
    for s, t in [((2,), (3,)), ((2, 2), (3, 2)), ((2,), (2, 3)), ((2, 3), (2,)), ((2, 1, 3), (3, 2)), ((), (2, 2)), ((1, 0), (2, 2))]:
        a, b = rand(*s), rand(*t)
        out.add("kron", [a, b], np.kron(a, b))
    a, b = rand(2, 3, 4), rand(3, 4, 5)
    c = rand(4, 3, 2)
    out.add("tensordot", [a, b], np.tensordot(a, b))
    for s, t, axes in [(a, b, 2), (rand(2, 3), rand(3, 4), 1), (rand(2), rand(3), 0), (a, c, [[1, 2], [1, 0]]), (a, c, [[0, 1, 2], [2, 1, 0]]), (a, b, [1, 0]), (a, b, [-1, 1]), (a, b, [[-1, -2], [1, 0]]), (a, c, [[], []]), (a, c, [[-1], [0]])]:
        out.add("tensordot", [s, t, axes], np.tensordot(s, t, axes=axes))
    for x in samples(2, 3)[:3]:
        for y in samples(3, 2)[:3]:
            p, q = common(x, y)
            for op, f in {"matmul": np.matmul, "dot": np.dot, "outer": np.outer, "kron": np.kron}.items():
                out.add(op, [x, y], f(p, q))
            out.add("inner", [x, y.T.copy()], np.inner(p, q.T))
            out.add("tensordot", [x, y, 1], np.tensordot(p, q, 1))
            out.add("einsum", ["ij,jk", x, y], np.einsum("ij,jk", p, q))
    x, y = np.array([[True, False, True], [False, False, True]]), np.array([[True, False], [True, True], [False, True]])
    for op, f in {"matmul": np.matmul, "dot": np.dot, "outer": np.outer, "kron": np.kron}.items():
        out.add(op, [x, y], f(x, y))
    out.add("inner", [x, y.T.copy()], np.inner(x, y.T))
    out.add("tensordot", [x, y, 1], np.tensordot(x, y, 1))
    out.add("einsum", ["ij,jk", x, y], np.einsum("ij,jk", x, y))
    out.add("matmul", [i32(65537, 2).reshape(1, 2), i32(65537, 3).reshape(2, 1)], i32(65537, 2).reshape(1, 2) @ i32(65537, 3).reshape(2, 1))
    out.add("matmul", [i32(2**31 - 1, 2**31 - 1, 2**31 - 1), i32(2**31 - 1, 2**31 - 1, 2)], i32(2**31 - 1, 2**31 - 1, 2**31 - 1) @ i32(2**31 - 1, 2**31 - 1, 2))
    out.add("matmul", [f64(np.nan, 1), f64(0, 1)], np.float64(np.nan))
    out.add("matmul", [f64(np.inf, 1), f64(2, 1)], np.float64(np.inf))

    for x in samples(3):
        for number in [2, 0.5]:
            y, p = weak(number, x)
            for op, f in {"dot": np.dot, "inner": np.inner, "outer": np.outer, "kron": np.kron}.items():
                out.add(op, [x, number], f(numeric(p), y))
                out.add(op, [number, x], f(y, numeric(p)))

    A, B, C = rand(2, 3), rand(3, 4), rand(4, 2)
    S, T, u, w = rand(3, 3), rand(3, 3, 3), rand(3), rand(3)
    N, M = rand(5, 2, 3), rand(5, 3, 4)
    for subscripts, *ops in [
        ("ij,jk->ik", A, B),
        ("ij,jk", A, B),
        ("ij,jk->ki", A, B),
        ("ij , jk -> ik", A, B),
        ("ij,jk,kl->il", A, B, C),
        ("ij,jk,kl", A, B, C),
        ("ij,jk,ki->", A, B, C),
        ("ij,jk,ki->i", A, B, C),
        ("ii", S),
        ("ii->i", S),
        ("ii->", S),
        ("iij->ij", T),
        ("iij->j", T),
        ("iii->i", T),
        ("iii", T),
        ("iji->ij", T),
        ("ij->ji", A),
        ("ij->", A),
        ("ij->j", A),
        ("ji", A),
        ("ba", A),
        ("i->i", u),
        ("i->", u),
        ("i,i", u, w),
        ("i,i->i", u, w),
        ("i,j", u, w),
        ("i,j->ij", u, w),
        ("i,j->ji", u, w),
        ("i,i,i->i", u, w, u),
        ("i,i,i", u, w, u),
        ("ij,ij->", A, A),
        ("ij,ij->ij", A, A),
        ("ij,ij->i", A, A),
        ("ij,kj->ik", A, A),
        ("ij,kl->ijkl", A, B),
        ("ij,kl->", A, B),
        ("ij,j", A, u),
        ("i,ij,j->", u, S, w),
        ("i,ij,j", u, S, w),
        ("bij,bjk->bik", N, M),
        ("bij,bjk", N, M),
        ("bij,bjk->ik", N, M),
        ("bij,bjk->bki", N, M),
        ("bij,jk->bik", N, B),
        ("...ij,...jk->...ik", N, M),
        ("...ij,jk->...ik", N, B),
        ("...ij,...jk", N, M),
        ("...i,i->...", N, u),
        ("...i->...", N),
        ("...->...", N),
        ("i...->...i", N),
        ("i...->...", N),
        ("...ij->...ji", N),
        ("...ij->...", N),
        ("...,...", N, N),
        ("...,...->...", N, np.float64(2)),
        ("i...,i...->...", N, N),
        ("...ii->...i", rand(4, 3, 3)),
        ("...ii", rand(4, 3, 3)),
        ("...a,...b->...ab", rand(2, 3), rand(1, 4)),
        ("a...b,b...c->a...c", rand(2, 5, 3), rand(3, 5, 4)),
        ("...i,...i->...", rand(2, 1, 3), rand(4, 3)),
        ("ij,jk->ik", rand(2, 1), rand(1, 3)),
        ("ij,ij->ij", rand(2, 3), rand(2, 3)),
        ("Ab,bA->A", A, A.T),
        ("ab,bC", A, B),
        (",->", np.float64(2), np.float64(3)),
        (",i->i", np.float64(2), u),
        ("->", np.float64(2)),
        ("ij,j->i", np.zeros((0, 3)), u),
        ("ij,j->i", np.zeros((2, 0)), np.zeros(0)),
        ("abc,cd,de,ef->abf", rand(2, 2, 3), rand(3, 2), rand(2, 4), rand(4, 2)),
        ("ijk,ilm,njm,nlk,abc->", rand(2, 2, 2), rand(2, 2, 2), rand(2, 2, 2), rand(2, 2, 2), rand(2, 2, 2)),
        ("ii,ij->j", S, S),
        ("ii,jj->ij", S, S),
        ("ii,ii->i", S, S),
        ("iij,jkk->ik", T, T),
    ]:
        out.add("einsum", [subscripts, *ops], np.einsum(subscripts, *ops))
    out.write()


# --- order --------------------------------------------------------------------------------------------------------------------


def order():
    out = Family("order")
    for x in [f64(1, 2, 2, 3.5), i32(-3, 0, 0, 7, 9), f64(), f64(5), f64(-np.inf, 0, np.inf, np.nan), f64(1, np.nan, np.nan), np.float32([0.1, 0.5])]:
        for side in ["left", "right"]:
            for v in [f64(-1, 1, 2, 2.5, 9), np.float64(2), ints(2, 3), f64(np.nan, np.inf, -np.inf, -0.0), np.float32([0.1, 0.3])]:
                p, q = common(x, v)
                out.add("searchsorted", [x, v, {"side": side}], np.searchsorted(p, q, side))
        out.add("searchsorted", [x, 2], np.searchsorted(x, 2))
    long = np.sort(ints(1000, lo=0, hi=300))
    out.add("searchsorted", [long, np.arange(-1, 302, 7, dtype=np.int32)], np.searchsorted(long, np.arange(-1, 302, 7)))

    # Interpolation beside an infinite element is left out: NumPy answers NaN in some of these cases, by its order of operations.
    for x in samples(3, 4) + samples(5)[:3] + [rand(2, 3, 4), f64(np.nan, 1, 2), np.float64(3), f64(1, np.inf, np.inf), f64(-np.inf, 2, 3, np.inf)]:
        for axis in [None, *range(-np.ndim(x), np.ndim(x)), *([[0, 1], [-1, 0]] if np.ndim(x) > 1 else [])]:
            for keep in [False, True]:
                options = {"axis": tuple(axis) if isinstance(axis, list) else axis, "keepdims": keep}
                out.add("median", [x, axis, {"keepdims": keep}], np.median(floating(x), **options))
                if np.all(~np.isinf(x)):
                    for q in [0, 0.25, 0.3, 1]:
                        out.add("quantile", [x, q, axis, {"keepdims": keep}], np.quantile(floating(x), q, **options))
                    out.add("quantile", [x, f64(0.1, 1, 0.5), axis, {"keepdims": keep}], np.quantile(np.float64(x), f64(0.1, 1, 0.5), **options))
    out.add("median", [f64(4, 1)], np.median(f64(4, 1)))
    out.add("median", [np.array([[np.nan, 1], [2, 3]]), 1], np.median(np.array([[np.nan, 1], [2, 3]]), 1))
    out.add("quantile", [np.array([[np.nan, 1], [2, 3]]), 0.5, 1], np.quantile(np.array([[np.nan, 1], [2, 3]]), 0.5, 1))
    out.add("quantile", [f64(1, np.inf, -np.inf), 0.5], np.float64(1))
    out.add("quantile", [f64(1, np.inf, -np.inf), f64(0, 1)], f64(-np.inf, np.inf))
    out.add("quantile", [rand(0, 3), 0.5, 1], np.zeros(0))
    out.add("median", [rand(0, 3), 1], np.zeros(0))

    for x in samples(2, 5) + [f64(1000, 1000, -1000), f64(-np.inf, 1, -np.inf, 2), f64(-np.inf, -np.inf), f64(1, np.inf, 2), f64(1, np.nan, 2), f64(), np.float64(3), rand(2, 0), rand(3, 1, 17)]:
        for axis in [None, *range(-np.ndim(x), np.ndim(x))]:
            y, a = (floating(x).ravel(), 0) if axis is None else (floating(x), axis)
            out.add("logcumsumexp", [x, axis], np.logaddexp.accumulate(y, axis=a) if y.size else y)
    out.write()


# --- convolution --------------------------------------------------------------------------------------------------------------


def each(value, count):
    return [value] * count if isinstance(value, int) else value


def padded(x, sizes, steps, dilations, padding, value):
    """x [N, C, ...spatial] with its padding, and the number of places along each spatial axis."""
    if padding == "same":
        lack = [max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n) for n, k, s, d in zip(x.shape[2:], sizes, steps, dilations)]
        pairs = [[n // 2, n - n // 2] for n in lack]
    else:
        width = 0 if padding == "valid" else padding
        pairs = [[width, width]] * len(sizes) if isinstance(width, int) else width
    x = np.pad(x, [(0, 0), (0, 0), *map(tuple, pairs)], constant_values=value)
    return x, [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], sizes, steps, dilations)]


def window(x, place, sizes, steps, dilations):
    return x[(..., *(slice(p * s, p * s + (k - 1) * d + 1, d) for p, k, s, d in zip(place, sizes, steps, dilations)))]


def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
    """Place by place, as PyTorch defines it."""
    sizes = w.shape[2:]
    axes = list(range(1, w.ndim))
    steps, dilations = each(stride, len(sizes)), each(dilation, len(sizes))
    x, places = padded(x, sizes, steps, dilations, padding, 0)
    n, (o, c) = x.shape[0], w.shape[:2]
    out = np.zeros((n, o, *places), dtype=x.dtype)
    for place in np.ndindex(*places):
        part = window(x, place, sizes, steps, dilations)
        for g in range(groups):
            rows = slice(g * o // groups, (g + 1) * o // groups)
            out[(slice(None), rows, *place)] = np.tensordot(part[:, g * c : (g + 1) * c], w[rows], [axes, axes])
    return out


def pool(reduce, x, value, window_, stride=None, padding=0):
    count = x.ndim - 2
    sizes = each(window_, count)
    steps, dilations = each(sizes if stride is None else stride, count), [1] * count
    x, places = padded(x, sizes, steps, dilations, padding, value)
    parts = [reduce(window(x, place, sizes, steps, dilations), axis=tuple(range(2, 2 + count))) for place in np.ndindex(*places)]
    return np.stack(parts, axis=-1).reshape(*x.shape[:2], *places)


def convolution():
    out = Family("convolution")
    for x, w, options in [
        ((2, 3, 7), (4, 3, 3), {}),
        ((1, 1, 5), (1, 1, 5), {}),
        ((2, 4, 9), (6, 2, 3), {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}),
        ((2, 3, 6), (2, 3, 2), {"padding": "same"}),
        ((2, 3, 7), (2, 3, 3), {"padding": "same", "stride": 3}),
        ((2, 3, 7), (2, 3, 3), {"padding": "valid", "stride": [2]}),
        ((1, 2, 5, 4), (3, 2, 2, 3), {}),
        ((3, 2, 6, 8), (4, 2, 1, 1), {}),
        ((2, 4, 7, 6), (6, 2, 3, 2), {"stride": [2, 1], "padding": [[1, 1], [0, 2]], "dilation": [1, 2], "groups": 2}),
        ((2, 4, 5, 5), (8, 1, 3, 3), {"padding": 1, "groups": 4}),
        ((1, 2, 7, 6), (3, 2, 4, 3), {"padding": "same", "dilation": [1, 2]}),
        ((0, 2, 5), (3, 2, 2), {}),
        ((2, 0, 5), (3, 0, 2), {}),
    ]:
        x, w = rand(*x), rand(*w)
        out.add("conv", [x, w, options], conv(x, w, **options))
    for x in samples(1, 2, 4):
        for w in samples(2, 2, 3):
            out.add("conv", [x, w], conv(*map(numeric, common(x, w))))

    for shape, options in [
        ((2, 3, 7), {"window": 2}),
        ((2, 3, 7), {"window": [3], "stride": 1}),
        ((2, 3, 7), {"window": 3, "stride": [2], "padding": 1}),
        ((2, 3, 5), {"window": 3, "stride": 2, "padding": "same"}),
        ((1, 2, 4, 6), {"window": 2}),
        ((1, 2, 4, 6), {"window": [2, 3], "padding": "valid"}),
        ((2, 1, 5, 6), {"window": [2, 3], "stride": [1, 2], "padding": [[1, 0], [1, 1]]}),
        ((0, 2, 4), {"window": 2}),
    ]:
        arguments = {"window_" if k == "window" else k: v for k, v in options.items()}
        for x in samples(*shape):
            out.add("avgPool", [x, options], pool(np.mean, np.float64(x), 0, **arguments).astype(floating(x).dtype))
            least = {"f": -np.inf, "i": -(2**31), "b": False}[x.dtype.kind]
            out.add("maxPool", [x, options], pool(np.max, x, least, **arguments))
    out.write()


OUT.mkdir(parents=True, exist_ok=True)
for family in (elementwise, reduction, movement, indexing, product, order, convolution, special_functions):
    family()
