"""The encoding of the cases of the scripts beside this file, and the promotion of dtypes that they expect.

Names of families on the command line leave the files of the others as they are. A case is [op, [arguments], result]. Arrays are {"dtype", "shape", "data"}; a number that JSON cannot write is {"n": "nan"}.
"""

import json
import sys
from pathlib import Path

# This file's own folder must not shadow the libraries that its files are named after.
sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "packages/core/test/expectations"
NAMED = set(sys.argv[1:])
DTYPES = ["bool", "int32", "float32", "float64"]

if unknown := NAMED - {path.stem for path in OUT.glob("*.json")}:
    sys.exit(f"there is no family {', '.join(sorted(unknown))} in {OUT}")


# --- encoding -----------------------------------------------------------------------------------------------------------------


def scalar(v):
    v = v.item() if isinstance(v, np.generic) else v
    if isinstance(v, bool):
        return int(v)
    if isinstance(v, float):
        if v != v:
            return "nan"
        if v in (np.inf, -np.inf):
            return "inf" if v > 0 else "-inf"
        if v == 0 and np.signbit(v):
            return "-0"
        if v == int(v) and abs(v) < 2**53:
            return int(v)
    return v


def encode(x):
    if isinstance(x, (np.ndarray, np.generic)):
        x = np.asarray(x)
        if x.dtype == np.int64:
            x = x.astype(np.int32)
        assert x.dtype.name in DTYPES, x.dtype
        data = x.ravel()
        if x.dtype == np.float32:  # the shortest decimals that give the float32 back
            values = [scalar(v) if isinstance(scalar(v), (str, int)) else float(str(v)) for v in data]
        else:
            values = [scalar(v) for v in data]
        return {"dtype": x.dtype.name, "shape": list(x.shape), "data": values}
    if isinstance(x, float):
        v = scalar(x)
        return {"n": v} if isinstance(v, str) else v
    if isinstance(x, (list, tuple)):
        return [encode(v) for v in x]
    if isinstance(x, dict):
        return {k: encode(v) for k, v in x.items()}
    return x


class Family:
    def __init__(self, name):
        self.name = name
        self.cases = []

    def add(self, op, args, result):
        self.cases.append([op, encode(list(args)), encode(result)])

    def write(self):
        if NAMED and self.name not in NAMED:
            return
        lines = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in self.cases)
        (OUT / f"{self.name}.json").write_text(f"[\n{lines}\n]\n")
        print(f"{self.name}: {len(self.cases)} cases")


# --- our promotion ------------------------------------------------------------------------------------------------------------


def promote(*arrays):
    return DTYPES[max(DTYPES.index(a.dtype.name) for a in arrays)]


def to(x, dtype):
    return np.asarray(x).astype(dtype)


def floating(x):
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def numeric(x):
    return x.astype(np.int32) if x.dtype == bool else x


def common(*arrays):
    d = promote(*arrays)
    return [to(a, d) for a in arrays]


def weak(number, x):
    """The JS number as an array beside x, and x: a number takes the dtype of the array if it can."""
    if isinstance(number, bool):
        return common(np.asarray(number), x)
    if x.dtype.kind == "f":
        return to(number, x.dtype), x
    if float(number).is_integer():
        return to(number, np.int32), numeric(x)
    return to(number, np.float64), to(x, np.float64)


def f64(*values):
    return np.array(values, dtype=np.float64)


def i32(*values):
    return np.array(values, dtype=np.int32)
