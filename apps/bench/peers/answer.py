"""A Python peer's side of the conversation: one JSON object a line, as src/compare/answer.ts has it."""
import json
import sys
import time

import numpy as np


def numbers(seed, count, scale=1.0):
    i = np.arange(count, dtype=np.int64)
    return scale * (((i * i * 31 + i * 7919 + seed * 104729) % 65521) / 65521 - 0.5)


def digest(values):
    n = values.size
    return [n, float(values.sum()), float(np.abs(values).sum()), *(float(values[(k * (n - 1)) // 7]) for k in range(8))]


def timer(run):
    count = 0

    def batch():
        begin = time.perf_counter()
        for _ in range(count):
            run()
        return 1000 * (time.perf_counter() - begin)

    def batches(budget):
        end = time.perf_counter() + budget / 1000
        while True:
            yield batch()
            if time.perf_counter() >= end:
                return

    def samples(budget):
        nonlocal count
        if count == 0:
            count = 1
            for elapsed in batches(budget):
                if elapsed < 0.5 and count < 1e5:
                    count *= 2
        return [elapsed / count for elapsed in batches(budget)]

    return samples


def answer(prepare):
    """prepare gives a function to run and one that makes a flat NumPy array of its result, or None."""
    say = lambda message: print(json.dumps(message), flush=True)
    samples = timer(lambda: None)
    say({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                task = prepare(request["prepare"])
                if task is None:
                    say({"missing": True})
                else:
                    run, read = task
                    say({"digest": digest(np.asarray(read(run()), dtype=np.float64).ravel())})
                    samples = timer(run)
            else:
                say({"samples": samples(request["time"])})
        except Exception as error:  # what a peer cannot do is told, not hidden
            say({"error": repr(error)})
