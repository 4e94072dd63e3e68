"""NIST's Statistical Reference Datasets for nonlinear regression, as the tests of leastSquares and curveFit read them.

    python3 tools/expectations/strd.py DIRECTORY

DIRECTORY holds the 27 files as NIST publishes them (Misra1a.dat, Thurber.dat, ...): https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml.
They are in the public domain. lmfit has copies of them in its folder NIST_STRD; these were read there, at commit
fe389bbbd1fe936cd73742bd81fc6fce7ac92858. Nothing is computed here: numbers are taken as they stand in the files.
"""

import json
import pathlib
import re
import sys

number = r"[-+]?\d*\.?\d+(?:[EeDd][-+]?\d+)?"


def read(path):
    lines = path.read_text().splitlines()
    text = "\n".join(lines)

    def value(label):
        return float(re.search(rf"{label}:\s+({number})", text).group(1))

    parameters = [
        [float(v) for v in re.findall(number, line.split("=")[1])]
        for line in lines[:60]
        if re.match(rf"\s*b\d+\s*=\s*{number}\s+{number}\s+{number}\s+{number}\s*$", line)
    ]
    at, end = map(int, re.search(r"Data\s+\(lines\s+(\d+)\s+to\s+(\d+)\)", text).groups())
    header = next(i for i, line in enumerate(lines) if re.match(r"Data:\s+(log\[y\]|y)\s", line))
    rows = [[float(v) for v in re.findall(number, line)] for line in lines[header + 1 :] if line.strip()]
    assert len(rows) == end - at + 1 == int(value("Number of Observations")), path
    return {
        "starts": [[p[0] for p in parameters], [p[1] for p in parameters]],
        "certified": [p[2] for p in parameters],
        "standardErrors": [p[3] for p in parameters],
        "sumOfSquares": value("Residual Sum of Squares"),
        "y": [row[0] for row in rows],
        "x": [row[1] if len(row) == 2 else row[1:] for row in rows],
    }


if __name__ == "__main__":
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.dat"))
    sets = {path.stem: read(path) for path in files}
    assert len(sets) == 27, len(sets)
    out = pathlib.Path(__file__).parents[2] / "packages/solve/test/expectations/strd.json"
    out.parent.mkdir(exist_ok=True)
    body = ",\n".join(f"{json.dumps(name)}: {json.dumps(data)}" for name, data in sets.items())
    out.write_text("{\n" + body + "\n}\n")
    for name, data in sets.items():
        print(name, len(data["certified"]), len(data["y"]), data["sumOfSquares"])
