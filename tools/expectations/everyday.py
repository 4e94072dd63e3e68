"""Writes packages/core/test/expectations/everyday.json and models.json: what NumPy, SciPy and PyTorch answer for functions that are made of others, as
cases for packages/core/test/expectations.test.ts.

Run from anywhere: python3 tools/expectations/everyday.py

encoding.py, beside this file, says what a case is. A result of several arrays is a list, or an object of named ones.
"""

import warnings

# First: it takes this file's own folder from the path, where a numpy.py lies.
from encoding import Family, common, f64, floating, i32, numeric

import numpy as np
import scipy.integrate as si
import scipy.signal as ss
import torch
import torch.nn.functional as F

np.seterr(all="ignore")
warnings.simplefilter("ignore")
rng = np.random.default_rng(20261129)
NAN, INF = np.nan, np.inf


def rand(*shape):
    return np.round(rng.uniform(-3, 3, shape), 3)


def f32(x):
    return np.asarray(x, dtype=np.float32)


def ints(*shape, lo=-9, hi=10):
    return rng.integers(lo, hi, shape).astype(np.int32)


def bools(*shape):
    return rng.integers(0, 2, shape).astype(bool)


def samples(*shape):
    """One array of each dtype."""
    return [rand(*shape), f32(rand(*shape)), ints(*shape), bools(*shape)]


def holed(*shape):
    """With NaN here and there, and a row of nothing else."""
    x = rand(*shape)
    x[rng.random(shape) < 0.3] = NAN
    x[(0,) * (len(shape) - 1)] = NAN
    return x


# --- element by element -------------------------------------------------------------------------------------------------------

SPECIAL = f64(-INF, -7.5, -3, -1, -0.3, -0.0, 0, 0.3, 1, 3, 7.5, INF, NAN)


def arithmetic(out):
    whole = i32(-(2**31), -70000, -7, -3, -1, 0, 1, 3, 7, 70000, 2**31 - 1)
    for op, f in {"floorDivide": np.floor_divide, "fmod": np.fmod, "copysign": np.copysign, "fmax": np.fmax, "fmin": np.fmin}.items():
        values = SPECIAL[SPECIAL != 0] if op in ("fmax", "fmin") else SPECIAL
        # The sign of NaN does not show here.
        signs = values[~np.isnan(values)] if op == "copysign" else values
        out.add(op, [values.reshape(-1, 1), signs], f(values.reshape(-1, 1), signs))
        out.add(op, [f32(values.reshape(-1, 1)), f32(signs)], f(f32(values.reshape(-1, 1)), f32(signs)))
        if op == "copysign":
            out.add(op, [whole, i32(-1)], f(f64(*whole), f64(-1)))
        else:
            out.add(op, [whole.reshape(-1, 1), whole], f(whole.reshape(-1, 1), whole).astype(np.int32))
        for a in samples(2, 3):
            for b in samples(3):
                p, q = common(a, b)
                p, q = (floating(p), floating(q)) if op == "copysign" else (p, q) if op in ("fmax", "fmin") else (numeric(p), numeric(q))
                out.add(op, [a, b], f(p, q))
        out.add(op, [f64(1.5, -2), 2], f(f64(1.5, -2), 2.0))
        out.add(op, [2, f64(1.5, -2)], f(2.0, f64(1.5, -2)))
    out.add("floorDivide", [f64(1, -1, 0.6), 0.1], np.floor_divide(f64(1, -1, 0.6), 0.1))
    for a, b in [(f64(7, -7, 1), f64(2, 2, 0.1)), (i32(7, -7), i32(-2, 2)), (f32([5.5, -5.5]), f32(2))]:
        out.add("divmod", [a, b], np.divmod(a, b))
    for x in [SPECIAL[:-1], f32(SPECIAL[:-1]), i32(-2, 0, 2)]:
        out.add("signbit", [x], np.signbit(x))
    out.add("signbit", [np.array([True, False])], np.array([False, False]))
    for x in [f64(-3, -1, -0.5, -0.2, -1e-9, -0.0, 0, 1e-300, 0.1, 0.3, 0.31, 0.3183, 0.32, 0.75, 1.5, 10.25), f32([0, 0.1, 0.4, 2.5]), i32(-1, 0, 1), bools(3)]:
        out.add("sinc", [x], np.sinc(floating(x)))
    for x in [SPECIAL, f32(SPECIAL), i32(-2, 0), bools(2)]:
        out.add("isInf", [x], np.isinf(x))
        out.add("nanToNum", [x], np.nan_to_num(x))
        out.add("nanToNum", [x, {"nan": 3, "posinf": 8.5, "neginf": -1}], np.nan_to_num(x, nan=3, posinf=8.5, neginf=-1))


# --- along axes ---------------------------------------------------------------------------------------------------------------


def differences(out):
    for x in samples(3, 4):
        for n in [0, 1, 2, 5]:
            for axis in [0, 1, -2]:
                out.add("diff", [x, n, axis], np.diff(x, n, axis))
        # A JS number takes the dtype of the array that it meets.
        wide = x if x.dtype != bool else x.astype(np.int32)
        out.add("diff", [x, 1, 1, {"prepend": 2}], np.diff(wide, axis=1, prepend=wide.dtype.type(2)))
        out.add("diff", [x, 1, 0, {"append": x[:2], "prepend": x[1:]}], np.diff(x, axis=0, append=x[:2], prepend=x[1:]))
        if x.dtype != bool:
            out.add("ediff1d", [x], np.ediff1d(x))
            out.add("ediff1d", [x, {"toBegin": 1, "toEnd": f64(2, 3)}], np.ediff1d(x, to_begin=x.dtype.type(1), to_end=np.array([2, 3], x.dtype)))
        out.add("trapezoid", [x], np.trapezoid(floating(x)))
        out.add("trapezoid", [x, None, {"dx": 0.5, "axis": 0}], np.trapezoid(floating(x), dx=0.5, axis=0))
        out.add("trapezoid", [x, f64(0, 1, 3, 3.5)], np.trapezoid(floating(x), f64(0, 1, 3, 3.5)))
        out.add("cumulativeTrapezoid", [x], si.cumulative_trapezoid(floating(x)))
        out.add("cumulativeTrapezoid", [x, None, {"dx": 0.5, "axis": 0, "initial": 0}], si.cumulative_trapezoid(floating(x), dx=0.5, axis=0, initial=0))
        out.add("cumulativeTrapezoid", [x, f64(0, 1, 3, 3.5)], si.cumulative_trapezoid(floating(x), f64(0, 1, 3, 3.5)))
    out.add("diff", [f64(5)], np.diff(f64(5)))
    out.add("diff", [np.zeros((2, 0))], np.zeros((2, 0)))
    x = rand(2, 3)
    out.add("trapezoid", [rand(2, 3) * 0 + x, x.cumsum(1)], np.trapezoid(x, x.cumsum(1)))
    out.add("trapezoid", [x, f64(1, 4), {"axis": 0}], np.trapezoid(x, f64(1, 4), axis=0))
    out.add("cumulativeTrapezoid", [x, x.cumsum(1), {"initial": 0}], si.cumulative_trapezoid(x, x.cumsum(1), initial=0))

    for x in [rand(5), f32(rand(4)), ints(6), rand(3, 4), rand(4, 3, 3)]:
        y = floating(x)
        for order in [1, 2]:
            out.add("gradient", [x, {"edgeOrder": order}], np.gradient(y, edge_order=order))
            out.add("gradient", [x, {"axis": 0, "spacing": 0.5, "edgeOrder": order}], np.gradient(y, 0.5, axis=0, edge_order=order))
            if x.dtype == np.float64:
                places = np.cumsum(np.abs(rand(x.shape[0])) + 0.1)
                out.add("gradient", [x, {"axis": 0, "spacing": places, "edgeOrder": order}], np.gradient(y, places, axis=0, edge_order=order))
    x = rand(3, 4)
    out.add("gradient", [x, {"axis": [1, 0], "spacing": [2, f64(0, 1, 3)]}], np.gradient(x, 2, f64(0, 1, 3), axis=(1, 0)))
    out.add("gradient", [f64(1, 4)], np.gradient(f64(1, 4)))

    angles = np.cumsum(rng.uniform(-5, 5, (2, 7)), 1)
    for x in [angles, f32(angles), f64(0, 1, 2, -2.5, 3.9, 10)]:
        out.add("unwrap", [x], np.unwrap(x))
        out.add("unwrap", [x, {"discont": 4, "axis": 0}], np.unwrap(x, discont=4, axis=0))
        out.add("unwrap", [x, {"period": 3}], np.unwrap(x, period=3))
    for period in [4, 5]:
        whole = ints(12)
        out.add("unwrap", [whole, {"period": period}], np.unwrap(whole, period=period))
    out.add("unwrap", [ints(3)[:0] * 1.0], np.zeros(0))

    xp, fp = f64(0, 1, 2.5, 4), f64(1, 3, -2, 0)
    at = f64(-1, 0, 0.25, 1, 2, 2.5, 3, 4, 5, NAN)
    out.add("interp", [at, xp, fp], np.interp(at, xp, fp))
    out.add("interp", [at.reshape(2, 5), xp, fp, {"left": -9, "right": 9}], np.interp(at.reshape(2, 5), xp, fp, -9, 9))
    out.add("interp", [f32(at), f32(xp), f32(fp)], f32(np.interp(at, xp, fp)))
    out.add("interp", [i32(-1, 1, 3), i32(0, 2, 4), i32(0, 10, 40)], np.interp(i32(-1, 1, 3), i32(0, 2, 4), i32(0, 10, 40)))
    out.add("interp", [at[:-1], f64(2), f64(7)], np.interp(at[:-1], f64(2), f64(7)))
    out.add("interp", [2, f64(1, 3), f64(5, 6)], np.float64(5.5))
    for fp in [f64(1, np.inf, 2, -np.inf), f64(-np.inf, np.inf, np.inf, 3), f64(1, np.nan, 2, 3)]:
        places = f64(-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4)
        out.add("interp", [places, f64(0, 1, 2, 3), fp], np.interp(places, f64(0, 1, 2, 3), fp))
    out.add("interp", [f64(-180, -170, 185, 5, -5, 365), f64(190, -190, 350, -350), f64(5, 10, 3, 4), {"period": 360}], np.interp(f64(-180, -170, 185, 5, -5, 365), f64(190, -190, 350, -350), f64(5, 10, 3, 4), period=360))


def statistics(out):
    for x in samples(3, 4) + [f64(1, NAN, 2), np.float64(3)]:
        for axis in [None, *range(-np.ndim(x), np.ndim(x)), *([[0, 1]] if np.ndim(x) > 1 else [])]:
            for keep in [False, True]:
                o = {"axis": tuple(axis) if isinstance(axis, list) else axis, "keepdims": keep}
                if np.asarray(x).dtype != bool:
                    out.add("ptp", [x, axis, {"keepdims": keep}], np.ptp(x, **o))
                out.add("countNonzero", [x, axis, {"keepdims": keep}], np.asarray(np.count_nonzero(x, **o)))
                out.add("average", [x, axis, {"keepdims": keep}], np.average(floating(np.asarray(x)), **o))
        if np.ndim(x) == 2:
            w = np.abs(rand(3, 4))
            for axis in [None, 0, 1]:
                out.add("average", [x, axis, {"weights": w}], np.average(np.float64(x), axis, w))
            out.add("average", [x, 1, {"weights": i32(1, 0, 2, 3), "keepdims": True}], np.average(np.float64(x), 1, f64(1, 0, 2, 3), keepdims=True))

    x, y = rand(3, 5), rand(2, 5)
    fw, aw = i32(1, 2, 0, 3, 1), f64(0.5, 1, 2, 0.1, 0.7)
    for a in [x, f32(x), ints(3, 5), rand(6)]:
        for o, k in [({}, {}), ({"bias": True}, {"bias": True}), ({"ddof": 2}, {"ddof": 2}), ({"rowvar": False}, {"rowvar": False})]:
            out.add("cov", [a, None, o], np.cov(floating(a), dtype=floating(a).dtype, **k))
    out.add("cov", [x, y], np.cov(x, y))
    out.add("cov", [x.T, y.T, {"rowvar": False}], np.cov(x.T, y.T, rowvar=False))
    out.add("cov", [x[0], y[0]], np.cov(x[0], y[0]))
    for o in [{"fweights": fw}, {"aweights": aw}, {"fweights": fw, "aweights": aw}, {"aweights": aw, "ddof": 0}]:
        out.add("cov", [x, None, o], np.cov(x, **o))
    for args in [[x], [f32(x)], [x, y], [x[0]], [x[0], y[0]]]:
        out.add("corrcoef", args, np.corrcoef(*args, dtype=args[0].dtype))
    out.add("corrcoef", [x.T, None, {"rowvar": False}], np.corrcoef(x.T, rowvar=False))

    n = ints(8, lo=0, hi=5)
    out.add("bincount", [n], np.bincount(n))
    out.add("bincount", [[0, 3, 3]], np.bincount([0, 3, 3]))
    out.add("bincount", [n, {"weights": f64(*range(8)), "minlength": 9}], np.bincount(n, f64(*range(8)), 9))
    out.add("bincount", [i32()], np.bincount(i32()))
    out.add("bincount", [i32(), {"minlength": 2}], np.bincount(i32(), minlength=2))
    out.add("bincount", [i32(0, 5, 1, 1), {"length": 3}], i32(1, 2, 0))
    out.add("bincount", [bools(5) | True], i32(0, 5))

    x = f64(-1, 0, 0.5, 1, 1.5, 2, 3, NAN)
    for bins in [f64(0, 1, 2), f64(2, 1, 0), f64(1), f64(), f64(1, 1, 1)]:
        for right in [False, True]:
            out.add("digitize", [x, bins, {"right": right}], np.digitize(x, bins, right))
    whole = ints(2, 3)
    out.add("digitize", [whole, i32(-5, 0, 5)], np.digitize(whole, i32(-5, 0, 5)))

    for x in [rand(20), f32(rand(9)), ints(4, 5), f64(2, 2)]:
        out.add("histogram", [x], np.histogram(x))
        if x.dtype != np.float32:
            out.add("histogram", [x, 3, {"density": True}], np.histogram(np.float64(x), 3, density=True))
        out.add("histogram", [x, 4, {"range": [-2, 2]}], np.histogram(x, 4, range=(-2, 2)))
    x, w = rand(10), rand(10)
    out.add("histogram", [x, f64(-2, 0, 1, 3)], np.histogram(x, f64(-2, 0, 1, 3)))
    out.add("histogram", [x, 3, {"weights": w}], np.histogram(x, 3, weights=w))
    out.add("histogram", [x, f64(-2, 0, 1, 3), {"weights": w, "density": True}], np.histogram(x, f64(-2, 0, 1, 3), weights=w, density=True))
    out.add("histogram", [f64()], np.histogram(f64()))

    for x in [holed(3, 4), f32(holed(3, 4)), ints(3, 4), bools(3, 4), f64(1, INF, NAN), f64(NAN, -INF), np.zeros((2, 0))]:
        for axis in [None, *range(-np.ndim(x), np.ndim(x)), *([[0, 1]] if np.ndim(x) > 1 else [])]:
            for keep in [False, True]:
                args, o = [x, axis, {"keepdims": keep}], {"axis": tuple(axis) if isinstance(axis, list) else axis, "keepdims": keep}
                counted, float_ = numeric(x), floating(x)
                kind = {} if counted.dtype.kind == "f" else {"dtype": np.int32}
                out.add("nansum", args, np.nansum(counted, **o, **kind))
                out.add("nanprod", args, np.nanprod(counted, **o, **kind))
                out.add("nanmean", args, np.nanmean(float_, **o))
                if x.size > 0:
                    out.add("nanmax", args, np.nanmax(x, **o))
                    out.add("nanmin", args, np.nanmin(x, **o))
                if np.all(~np.isinf(x)):
                    for ddof in [0, 1]:
                        out.add("nanvar", [x, axis, {"keepdims": keep, "ddof": ddof}], np.nanvar(float_, **o, ddof=ddof))
                        out.add("nanstd", [x, axis, {"keepdims": keep, "ddof": ddof}], np.nanstd(float_, **o, ddof=ddof))


# --- stacking, order, sets ----------------------------------------------------------------------------------------------------


def stacking(out):
    for x in samples(2, 3, 5):
        for sections in [1, 2, 4, 7, [1, 3], [4, -1, 9]]:
            out.add("arraySplit", [x, sections, 2], np.array_split(x, sections, 2))
    out.add("arraySplit", [f64(1, 2, 3), 2], np.array_split(f64(1, 2, 3), 2))
    x = rand(2, 4, 6)
    for op, f in {"hsplit": np.hsplit, "vsplit": np.vsplit, "dsplit": np.dsplit}.items():
        out.add(op, [x, 2], f(x, 2))
        out.add(op, [x, [1]], f(x, [1]))
    out.add("hsplit", [f64(1, 2, 3, 4), 2], np.hsplit(f64(1, 2, 3, 4), 2))
    for op, f in {"atleast1d": np.atleast_1d, "atleast2d": np.atleast_2d, "atleast3d": np.atleast_3d}.items():
        for y in [np.float64(2), f64(1, 2), ints(2, 3), rand(2, 1, 3), rand(1, 2, 1, 2), np.zeros(0)]:
            out.add(op, [y], f(y))
        out.add(op, [3], f(np.float64(3)))
    for op, f in {"hstack": np.hstack, "vstack": np.vstack, "dstack": np.dstack}.items():
        for parts in [[f64(1, 2), f64(3, 4)], [rand(2, 3), rand(2, 3)], [rand(2, 3, 2), rand(2, 3, 2)], [np.float64(1), np.float64(2)], [rand(2, 2)]]:
            out.add(op, [parts], f(parts))
        out.add(op, [[i32(1, 2), f64(3, 4)]], f([i32(1, 2), f64(3, 4)]))
    out.add("hstack", [[f64(1), f64(2, 3)]], np.hstack([f64(1), f64(2, 3)]))
    x = rand(2, 3, 2)
    for k in [-5, -1, 0, 1, 2, 3, 4]:
        out.add("rot90", [x, k], np.rot90(x, k))
        out.add("rot90", [x, k, [-1, 0]], np.rot90(x, k, (-1, 0)))
    for k in [-2, 0, 1]:
        y = ints(2, 2)
        out.add("diagflat", [y, k], np.diagflat(y, k))
    out.add("diagflat", [3], np.diagflat(np.float64(3)))

    for a, b in [(rand(3), rand(3)), (rand(2, 3), rand(3)), (rand(4, 1, 3), rand(2, 3)), (ints(2, 3), rand(2, 3)), (rand(2, 2), rand(2, 2)), (rand(2), rand(3)), (f32(rand(3)), ints(3))]:
        p, q = common(a, b)
        out.add("cross", [a, b], np.cross(p, q))
    a, b = rand(3, 2), rand(3, 2)
    out.add("cross", [a, b, {"axis": 0}], np.cross(a, b, axis=0))

    c = [bools(2, 3), bools(3)]
    a, b = rand(2, 3), ints(3)
    out.add("select", [c, [a, b]], np.select(c, [a, np.float64(b)], 0.0))
    out.add("select", [c, [b, b], 7], np.select(c, [b, b], np.int32(7)))
    out.add("select", [c, [a, 2], f64(1, 2, 3)], np.select(c, [a, np.float64(2)], f64(1, 2, 3)))

    def top(y, k, axis, largest):
        t = torch.from_numpy(np.ascontiguousarray(y))
        order = torch.argsort(t, dim=axis, descending=largest, stable=True).numpy()
        indices = np.take(order, range(k), axis=axis)
        return {"values": np.take_along_axis(y, indices, axis), "indices": indices.astype(np.int32)}

    for y in [rand(3, 5), f32(rand(3, 5)), ints(3, 5, lo=0, hi=4), f64(1, NAN, 3, INF, -INF).reshape(1, 5)]:
        for k in [0, 1, 3, 5]:
            out.add("topK", [y, k], top(y, k, -1, True))
            out.add("topK", [y, k, {"largest": False}], top(y, k, -1, False))
        out.add("topK", [y, 1, {"axis": 0}], top(y, 1, 0, True))
        # The order of the parts is free; sorted, they are what NumPy's is.
        out.add("partition", [y, 2], np.sort(y))
        out.add("partition", [y, [0, -1], 0], np.sort(y, 0))

    for y in [f64(3, 1, 3, 2, 1), i32(5, -1, 5), np.array([True, False, True]), f32([[2, 1], [1, 2]]), f64(NAN, 1, NAN, INF), f64()]:
        out.add("unique", [y], np.unique(y))
        full = np.unique(y, return_index=True, return_inverse=True, return_counts=True)
        named = dict(zip(["values", "indices", "inverse", "counts"], full))
        out.add("unique", [y, {"returnIndex": True, "returnInverse": True, "returnCounts": True}], named)
    rows = np.array([[1, 2], [0, 3], [1, 2], [1, 0]], dtype=np.float64)
    out.add("unique", [rows, {"axis": 0}], np.unique(rows, axis=0))
    out.add("unique", [rows.T, {"axis": 1, "returnCounts": True}], {"values": np.unique(rows.T, axis=1), "counts": i32(1, 1, 2)})

    for a in samples(2, 3):
        for b in samples(4):
            out.add("isin", [a, b], np.isin(*common(a, b)))
    out.add("isin", [f64(1, NAN, 3), f64(NAN, 3)], np.isin(f64(1, NAN, 3), f64(NAN, 3)))
    out.add("isin", [f64(1, 2), f64()], np.isin(f64(1, 2), f64()))
    out.add("isin", [f64(1, 2), f64(2), {"invert": True}], np.isin(f64(1, 2), f64(2), invert=True))

    close = [(f64(1, 2, INF, -INF, NAN, 0), f64(1 + 1e-6, 2.1, INF, INF, NAN, 1e-9)), (ints(3), ints(3)), (rand(2, 1), rand(3)), (bools(4), bools(4))]
    for a, b in close:
        p, q = common(a, b)
        for o, k in [({}, {}), ({"equalNaN": True}, {"equal_nan": True}), ({"rtol": 0.2, "atol": 1}, {"rtol": 0.2, "atol": 1})]:
            out.add("isClose", [a, b, o], np.isclose(numeric(p), numeric(q), **k))
            out.add("allClose", [a, b, o], bool(np.allclose(numeric(p), numeric(q), **k)))
    out.add("allClose", [f64(1, 2), f64(1, 2)], True)
    for a, b, o in [(f64(1, 2), f64(1, 2), {}), (f64(1, 2), f64(1), {}), (i32(1), f64(1), {}), (f64(NAN), f64(NAN), {}), (f64(NAN), f64(NAN), {"equalNaN": True})]:
        out.add("arrayEqual", [a, b, o], bool(np.array_equal(a, b, equal_nan=o.get("equalNaN", False))))


# --- polynomials, grids, windows ----------------------------------------------------------------------------------------------


def polynomials(out):
    for a, b in [(rand(5), rand(3)), (rand(3), rand(5)), (rand(4), rand(4)), (rand(4), rand(2)), (rand(2), rand(5)), (ints(4), ints(3)), (f32(rand(4)), ints(2)), (bools(4), bools(2)), (rand(1), rand(3)), (rand(7), rand(4)), (rand(4), rand(7))]:
        p, q = common(a, b)
        for mode in ["full", "same", "valid"]:
            out.add("convolve", [a, b, mode], np.convolve(p, q, mode))
            out.add("correlate", [a, b, mode], np.correlate(p, q, mode))
        out.add("polyadd", [a, b], np.polyadd(p, q))
        if p.dtype != bool:
            out.add("polymul", [a, b], np.convolve(p, q))
        out.add("polyval", [a, b], np.polyval(numeric(p), numeric(q)))
    out.add("convolve", [f64(1, 2, 3), f64(0, 1)], np.convolve(f64(1, 2, 3), f64(0, 1)))
    out.add("correlate", [f64(1, 2, 3), f64(0, 1)], np.correlate(f64(1, 2, 3), f64(0, 1)))
    for a, b in [(f64(1, 2, 3), f64(1, np.nan)), (f64(np.nan, 1), f64(1, 2, 3, 4)), (f64(1, np.inf, 3, 5), f64(np.nan, 1, 2))]:
        for mode in ["full", "same", "valid"]:
            out.add("convolve", [a, b, mode], np.convolve(a, b, mode))
            out.add("correlate", [a, b, mode], np.correlate(a, b, mode))
    out.add("polyval", [f64(), rand(2)], np.zeros(2))
    out.add("polyval", [f64(1, 2, 3), 2], np.float64(11))
    for x in [rand(4), f32(rand(3)), ints(3), bools(3)]:
        for n in [None, 0, 1, 2, 5]:
            out.add("vander", [x, n], np.vander(numeric(x), n).astype(numeric(x).dtype))
            out.add("vander", [x, n, {"increasing": True}], np.vander(numeric(x), n, True).astype(numeric(x).dtype))
    x, w = np.linspace(-1, 2, 7), np.abs(rand(7)) + 0.5
    y = 3 * x**2 - 2 * x + 5 + rand(7)
    for degree in [0, 1, 2]:
        out.add("polyfit", [x, y, degree], np.polyfit(x, y, degree))
        out.add("polyfit", [x, y, degree, {"weights": w}], np.polyfit(x, y, degree, w=w))
        both = np.stack([y, y[::-1] * 2], 1)
        out.add("polyfit", [x, both, degree, {"weights": w}], np.polyfit(x, both, degree, w=w))
    out.add("polyfit", [i32(0, 1, 2), i32(1, 3, 5), 1], np.polyfit(f64(0, 1, 2), f64(1, 3, 5), 1))


def grids(out):
    a, b, c = rand(2), ints(3), f32(rand(4))
    for vectors in [[a, b], [a, b, c], [a], [a, np.float64(2)]]:
        out.add("meshgrid", vectors, list(np.meshgrid(*vectors)))
        for o in [{"indexing": "ij"}, {"sparse": True}, {"indexing": "ij", "sparse": True}]:
            out.add("meshgrid", [*vectors, o], list(np.meshgrid(*vectors, **o)))
    for shape in [[2, 3], [4], [], [2, 0], [2, 1, 3]]:
        out.add("indices", [shape], np.indices(shape, np.int32))
        out.add("indices", [shape, "float32"], np.indices(shape, np.float32))
    for start, stop, n in [(0, 2, 3), (-1, 1, 5), (2, 0, 4), (1, 5, 1), (0, 1, 0)]:
        out.add("logspace", [start, stop, n], np.logspace(start, stop, n))
        out.add("logspace", [start, stop, n, {"base": 2}], np.logspace(start, stop, n, base=2.0))
    for start, stop, n in [(1, 1000, 4), (256, 1, 9), (-1, -8, 4), (0.5, 3, 6), (2, 7, 1), (1, 2, 0)]:
        out.add("geomspace", [start, stop, n], np.geomspace(start, stop, n))
    out.add("geomspace", [1, 8, 4, "float32"], np.geomspace(1, 8, 4, dtype=np.float32))
    for n in [0, 1, 2, 3, 4, 7, 8]:
        for op, f in {"hann": np.hanning, "hamming": np.hamming, "blackman": np.blackman, "bartlett": np.bartlett}.items():
            out.add(op, [n], f(n))
            if n > 0:
                out.add(op, [n, {"periodic": True}], ss.get_window({"hann": "hann", "hamming": "hamming", "blackman": "blackman", "bartlett": "bartlett"}[op], n))
        for beta in [0, 2.5, 14]:
            out.add("kaiser", [n, beta], np.kaiser(n, beta))
            if n > 0:
                out.add("kaiser", [n, beta, {"periodic": True}], ss.get_window(("kaiser", beta), n))
    out.add("hann", [4, {"dtype": "float32"}], f32(np.hanning(4)))


# --- models -------------------------------------------------------------------------------------------------------------------


def torched(x):
    return torch.from_numpy(np.ascontiguousarray(x)) if isinstance(x, np.ndarray) else x


def answer(f, *args, **options):
    return f(*map(torched, args), **{k: torched(v) for k, v in options.items()}).numpy()


def models():
    out = Family("models")
    x = f64(-1000, -3, -1, -0.5, -1e-9, 0, 1e-9, 0.5, 1, 3, 1000)
    for op, f, options in [
        ("logSigmoid", F.logsigmoid, {}),
        ("leakyRelu", F.leaky_relu, {}),
        ("leakyRelu", F.leaky_relu, {"negative_slope": 0.3}),
        ("elu", F.elu, {}),
        ("elu", F.elu, {"alpha": 2.5}),
        ("softsign", F.softsign, {}),
        ("hardtanh", F.hardtanh, {}),
        ("hardtanh", F.hardtanh, {"min_val": -2, "max_val": 0.75}),
    ]:
        own = {{"negative_slope": "negativeSlope", "min_val": "min", "max_val": "max"}.get(k, k): v for k, v in options.items()}
        for y in [x, f32(x), i32(-2, 0, 3), rand(2, 3), np.zeros((0, 2))]:
            out.add(op, [y, *([own] if own else [])], answer(f, floating(y), **options))

    for y in [i32(0, 2, 1), ints(2, 2, lo=0, hi=3), i32()]:
        hot = answer(F.one_hot, np.int64(y), num_classes=3)
        out.add("oneHot", [y, 3], hot)
        out.add("oneHot", [y, 3, {"dtype": "float32", "axis": 0}], f32(np.moveaxis(hot, -1, 0)))
    out.add("oneHot", [[1, 0], 2], i32(0, 1, 1, 0).reshape(2, 2))
    out.add("oneHot", [1, 2], i32(0, 1))

    for shape, target in [((3,), ()), ((4, 3), (4,)), ((2, 3, 5), (2, 5)), ((2, 3, 2, 2), (2, 2, 2))]:
        scores, classes = rand(*shape), np.asarray(ints(*target, lo=0, hi=3))
        w = f64(0.5, 2, 1)
        holes = np.where(rng.random(target) < 0.4, -100, classes).astype(np.int32)
        if np.all(holes == -100):
            holes = classes
        parts = np.abs(rand(*shape))
        logs = answer(F.log_softmax, scores, dim=min(1, len(shape) - 1))
        for reduction in ["mean", "sum", "none"]:
            for t, o, k in [(classes, {}, {}), (holes, {}, {}), (classes, {"weights": w}, {"weight": w}), (holes, {"weights": w}, {"weight": w}), (classes, {"ignoreIndex": 1}, {"ignore_index": 1})]:
                if "ignoreIndex" in o and np.all(t == 1):
                    continue
                given = {**o, "reduction": reduction}
                out.add("nllLoss", [logs, t, given], answer(F.nll_loss, logs, np.asarray(np.int64(t)), reduction=reduction, **k))
                # PyTorch does not smooth the label of an example without a batch.
                for smooth in [0] if shape == (3,) else [0, 0.2]:
                    expected = answer(F.cross_entropy, scores, np.asarray(np.int64(t)), reduction=reduction, label_smoothing=smooth, **k)
                    out.add("crossEntropy", [scores, t, {**given, "labelSmoothing": smooth}], expected)
            for smooth in [0, 0.2]:
                for o, k in [({}, {}), ({"weights": w}, {"weight": w})]:
                    expected = answer(F.cross_entropy, scores, parts, reduction=reduction, label_smoothing=smooth, **k)
                    out.add("crossEntropy", [scores, parts, {**o, "reduction": reduction, "labelSmoothing": smooth}], expected)
    out.add("crossEntropy", [f32(rand(2, 2)) * 0 + f32(1), [0, 1]], f32(np.log(2)))

    x, w, b = rand(2, 3, 4), rand(4), rand(4)
    out.add("layerNorm", [x, 4], answer(F.layer_norm, x, normalized_shape=(4,)))
    out.add("layerNorm", [x, [4], {"weight": w, "bias": b, "eps": 0.1}], answer(F.layer_norm, x, normalized_shape=(4,), weight=w, bias=b, eps=0.1))
    w2 = rand(3, 4)
    out.add("layerNorm", [x, [3, 4], {"weight": w2}], answer(F.layer_norm, x, normalized_shape=(3, 4), weight=w2))
    out.add("layerNorm", [f32(x), 4], answer(F.layer_norm, f32(x), normalized_shape=(4,)))

    attend = F.scaled_dot_product_attention
    for batch in [(), (2,), (2, 3)]:
        q, k, v = rand(*batch, 3, 4), rand(*batch, 5, 4), rand(*batch, 5, 2)
        out.add("dotProductAttention", [q, k, v], answer(attend, q, k, v))
        out.add("dotProductAttention", [q, k, v, {"isCausal": True, "scale": 0.3}], answer(attend, q, k, v, is_causal=True, scale=0.3))
        mask = bools(3, 5)
        mask[0] = False
        out.add("dotProductAttention", [q, k, v, {"mask": mask}], np.nan_to_num(answer(attend, q, k, v, attn_mask=mask)))
        added = rand(3, 5)
        added[1, 2] = -INF
        out.add("dotProductAttention", [q, k, v, {"mask": added}], answer(attend, q, k, v, attn_mask=added))

    transposed = {1: F.conv_transpose1d, 2: F.conv_transpose2d}
    for xs, ws, o in [
        ((2, 3, 4), (3, 2, 3), {}),
        ((2, 4, 5), (4, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}),
        ((1, 2, 4), (2, 1, 2), {"stride": 3}),
        ((1, 2, 4), (2, 1, 3), {"dilation": 2, "stride": 2, "padding": 2}),
        ((1, 1, 6), (1, 2, 3), {"padding": 2}),
        ((2, 2, 3, 4), (2, 3, 2, 3), {"stride": 2}),
        ((1, 4, 3, 3), (4, 1, 3, 2), {"stride": (2, 1), "padding": (1, 0), "output_padding": (1, 0), "dilation": (1, 2), "groups": 4}),
    ]:
        a, b = rand(*xs), rand(*ws)
        own = {{"output_padding": "outputPadding"}.get(k, k): list(v) if isinstance(v, tuple) else v for k, v in o.items()}
        out.add("convTranspose", [a, b, *([own] if own else [])], answer(transposed[len(xs) - 2], a, b, **o))
        a, b = f32(np.round(a)), f32(np.round(b))
        out.add("convTranspose", [a, b, *([own] if own else [])], answer(transposed[len(xs) - 2], a, b, **o))
    out.write()


everyday = Family("everyday")
for part in [arithmetic, differences, statistics, stacking, polynomials, grids]:
    part(everyday)
everyday.write()
models()
