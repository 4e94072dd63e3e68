"""A Python peer's side of the memory bench: one program in a process of its own, and its peak above the start."""
import json
import resource
import sys
import time


def status(key):
    """Bytes of /proc/self/status; None where there is no such file."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))
    except (OSError, StopIteration):
        return None


def highest():
    most = status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) if most is None else most


def forget():
    """The peak counts from here on, where the system can do that."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass
    return highest()


def measured(programs, total):
    """Runs the program that the arguments name, for so many steps; before, in small, so that what is loaded at the first call is there."""
    _, name, steps, n = sys.argv
    run = programs.get(name)
    if run is None:
        print(json.dumps({"missing": True}))
        return
    run(4, 8)
    before = forget()
    begin = time.perf_counter()
    digest = total(run(int(steps), int(n)))
    print(json.dumps({"peak": max(0, highest() - before), "seconds": time.perf_counter() - begin, "digest": digest}))
