"""CasADi's side of the matrices of src/sparse/cases.ts, on its virtual machine and one thread."""
import casadi as ca
import numpy as np

from answer import answer, numbers


def brusselator(n):
    y = ca.SX.sym("y", 2 * n * n)
    at = lambda s, i, j: y[s * n * n + (i % n) * n + (j % n)]
    out = []
    for s in range(2):
        for i in range(n):
            for j in range(n):
                u, v = at(0, i, j), at(1, i, j)
                around = at(s, i - 1, j) + at(s, i + 1, j) + at(s, i, j - 1) + at(s, i, j + 1) - 4 * at(s, i, j)
                reaction = u * u * v
                rest = reaction - 4.4 * u + 1 if s == 0 else 3.4 * u - reaction
                out.append(around * (0.02 * n * n) + rest)
    return y, ca.vertcat(*out), numbers(1, 2 * n * n, 2.0)


def pictures(cameras=20, points=1000):
    p = ca.SX.sym("p", 7 * cameras + 3 * points)
    us, vs = [], []
    for k in range(3 * points):
        camera, point = (k * 7 + k % 3) % cameras, k // 3
        a, b, c, s, t, r, focal = [p[7 * camera + i] for i in range(7)]
        px, py, pz = [p[7 * cameras + 3 * point + i] for i in range(3)]
        cx, sx = px * ca.cos(a) - py * ca.sin(a), px * ca.sin(a) + py * ca.cos(a)
        cy, sy = cx * ca.cos(b) - pz * ca.sin(b), cx * ca.sin(b) + pz * ca.cos(b)
        depth = sx * ca.sin(c) + sy * ca.cos(c) + r + 5
        us.append((cy + s) / depth * focal)
        vs.append((sx * ca.cos(c) - sy * ca.sin(c) + t) / depth * focal)
    return p, ca.vertcat(*us, *vs), numbers(2, p.numel(), 2.0)


def pendulum(steps=200, step=0.05):
    z = ca.SX.sym("z", 3 * (steps + 1))
    angle, speed, torque = [z[i * (steps + 1) : (i + 1) * (steps + 1)] for i in range(3)]
    middle = lambda x: (x[:-1] + x[1:]) * 0.5
    first = angle[1:] - angle[:-1] - middle(speed) * step
    second = speed[1:] - speed[:-1] - (middle(torque) - ca.sin(middle(angle)) * 9.81 - middle(speed) * 0.1) * step
    return z, ca.vertcat(first, second), numbers(3, z.numel(), 2.0)


def rosenbrock(n=10000):
    x = ca.SX.sym("x", n)
    return x, ca.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (x[:-1] - 1) ** 2), numbers(4, n, 2.0)


def cluster(side=8):
    lattice = np.array([[k // side**2, k // side % side, k % side] for k in range(side**3)], dtype=float)
    x = ca.SX.sym("x", 3 * side**3)
    energy = 0
    for i in range(side**3):
        near = np.nonzero(((lattice[i] - lattice[i + 1 :]) ** 2).sum(1) <= 2)[0] + i + 1
        for j in near:
            s = sum((x[3 * i + k] - x[3 * int(j) + k]) ** 2 for k in range(3)) ** -3
            energy += 4 * (s * s - s)
    return x, energy, 1.12 * lattice.ravel() + numbers(5, 3 * side**3, 0.1)


programs = {
    "Brusselator 16 × 16": (lambda: brusselator(16), ca.jacobian),
    "Brusselator 32 × 32": (lambda: brusselator(32), ca.jacobian),
    "Brusselator 64 × 64": (lambda: brusselator(64), ca.jacobian),
    "bundle adjustment, 20 cameras, 1000 points": (pictures, ca.jacobian),
    "pendulum, 200 steps": (pendulum, ca.jacobian),
    "Rosenbrock's chain, 10000": (rosenbrock, lambda f, x: ca.hessian(f, x)[0]),
    "Lennard-Jones cluster, 512 atoms": (cluster, lambda f, x: ca.hessian(f, x)[0]),
}


def prepare(workload):
    if workload["kind"] not in programs:
        return None
    make, derivative = programs[workload["kind"]]
    x, f, at = make()
    # Entries by rows, as ours are: those of the transpose by columns.
    function = ca.Function("entries", [x], [derivative(f, x).T])
    out = np.zeros(function.nnz_out(0))
    buffer, evaluate = function.buffer()
    buffer.set_arg(0, memoryview(at))
    buffer.set_res(0, memoryview(out))

    def run(_kept=(function, buffer, at)):
        # CasADi holds addresses: what they point to has to stay.
        evaluate()
        return out

    return run, np.asarray


answer(prepare)
