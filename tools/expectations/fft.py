"""Writes packages/fft/test/expectations/numpy.json: what NumPy and SciPy answer, as cases for packages/fft/test/expectations.test.ts, and complex.json beside it
for packages/fft/test/complex.test.ts.

Run from anywhere: python3 tools/expectations/fft.py

A case is [function, shape of the argument, whether it is real, options, {shape, re, im?, at?, scale?}]. The arguments are not written down: element i of the real part is
(7919 i + 13) mod 1009 / 1009 - 1/2, and of the imaginary part (6007 i + 101) mod 997 / 997 - 1/2, which both languages round alike. Of long
results only the elements at the places `at` are written.
"""

import json
import sys
from pathlib import Path

sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np  # noqa: E402
import scipy.fft as sf  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "packages/fft/test/expectations/numpy.json"
cases = []


def real(shape):
    i = np.arange(int(np.prod(shape)))
    return ((7919 * i + 13) % 1009 / 1009 - 0.5).reshape(shape)


def imaginary(shape):
    i = np.arange(int(np.prod(shape)))
    return ((6007 * i + 101) % 997 / 997 - 0.5).reshape(shape)


def case(op, f, shape, options, of_real):
    x = real(shape) if of_real else real(shape) + 1j * imaginary(shape)
    y = f(x, **options)
    flat = y.ravel()
    result = {"shape": list(y.shape)}
    if flat.size > 64:
        at = sorted({0, 1, flat.size // 2, flat.size - 1} | {(k * 7919) % flat.size for k in range(1, 9)})
        result["at"] = at
        result["scale"] = float(np.abs(flat).max())
        flat = flat[at]
    result["re"] = flat.real.tolist()
    if np.iscomplexobj(flat):
        result["im"] = flat.imag.tolist()
    cases.append([op, list(shape), of_real, options, result])


complexes = {"fft": np.fft.fft, "ifft": np.fft.ifft}
for n in range(1, 65):
    case("fft", np.fft.fft, (n,), {}, False)
    case("rfft", np.fft.rfft, (n,), {}, True)
    case("irfft", np.fft.irfft, (n // 2 + 1,), {"n": n}, False)
large = [127, 997, 1009, 10007, 65537, 2**16, 3**9, 5 * 7 * 11 * 13 * 17, 61 * 59 * 3, 2 * 10007, 2**5 * 3**3 * 5**2, 4095, 100003]
for n in large:
    case("fft", np.fft.fft, (n,), {}, False)
    case("rfft", np.fft.rfft, (n,), {}, True)
    case("irfft", np.fft.irfft, (n // 2 + 1,), {"n": n}, False)
for norm in ("backward", "ortho", "forward"):
    for op, f in complexes.items():
        case(op, f, (3, 5), {"norm": norm, "axis": 0}, False)
        case(op, f, (3, 5), {"norm": norm, "n": 4}, False)
        case(op, f, (5,), {"norm": norm, "n": 8}, True)
        case(op, f, (6,), {"norm": norm}, True)
    for op, f in {"fft2": np.fft.fft2, "ifft2": np.fft.ifft2, "fftn": np.fft.fftn, "ifftn": np.fft.ifftn}.items():
        case(op, f, (2, 3, 4), {"norm": norm}, False)
        case(op, f, (3, 4), {"norm": norm}, True)
        case(op, f, (2, 3, 4), {"norm": norm, "axes": [0, 2], "s": [3, 2]}, False)
    case("rfft", np.fft.rfft, (3, 6, 2), {"norm": norm, "axis": 1, "n": 5}, True)
    case("irfft", np.fft.irfft, (3, 4, 2), {"norm": norm, "axis": 1}, False)
    case("rfftn", np.fft.rfftn, (2, 3, 5), {"norm": norm}, True)
    case("rfftn", np.fft.rfftn, (2, 3, 5), {"norm": norm, "axes": [2, 1], "s": [4, 4]}, True)
    case("irfftn", np.fft.irfftn, (2, 3, 4), {"norm": norm}, False)
    case("irfftn", np.fft.irfftn, (2, 3, 4), {"norm": norm, "axes": [2, 0], "s": [3, 3]}, False)
    for type in (1, 2, 3, 4):
        for op, f in {"dct": sf.dct, "idct": sf.idct}.items():
            for n in (1, 2, 3, 4, 5, 7, 8, 12, 17):
                if type > 1 or n > 1:
                    case(op, f, (n,), {"norm": norm, "type": type}, True)
            case(op, f, (3, 5, 2), {"norm": norm, "type": type, "axis": 1, "n": 6}, True)
for type in (1, 2, 3, 4):
    case("dct", sf.dct, (4097,), {"type": type}, True)
    case("idct", sf.idct, (10007,), {"type": type}, True)

# Functions of complex numbers, where |z| is moderate, far out and on the cuts; [function, [[re, im], ...], result].
zs = [complex(r, i) for r in (-2.5, -1.0, -0.0, 0.0, 0.7, 3.0) for i in (-1.5, -0.0, 0.0, 0.25, 4.0)]
zs += [1e200 + 1e200j, -1e-200 + 1e-200j, -1e300 + 2j, 3e-300 - 1e300j, 0.6 + 0.8j, 1 + 1e-9j, -1 - 1e-9j]
numbers = []


def number(op, args, y):
    y = np.asarray(y).item()
    pair = [y.real, y.imag] if isinstance(y, complex) else [y]
    if np.all(np.isfinite(pair)):
        # JSON has no −0.
        numbers.append([op, [[str(z.real), str(z.imag)] for z in args], [str(v) for v in pair]])


np.seterr(all="ignore")
for z in map(np.complex128, zs):
    for op, f in {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "angle": np.angle, "conj": np.conj, "neg": np.negative}.items():
        number(op, [z], f(z))
    for w in map(np.complex128, zs[3::11] + zs[-5:]):
        for op, f in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}.items():
            number(op, [z, w], f(z, w))
PAIRS = OUT.with_name("complex.json")
PAIRS.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in numbers) + "\n]\n")

OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "cases,", OUT.stat().st_size, "bytes")
