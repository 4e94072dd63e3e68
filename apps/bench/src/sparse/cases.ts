import { array, type NDArray, stack } from "@ad/core";
import { numbers } from "../compare/numbers.js";

/** A function of which a sparse Jacobian, or the Hessian, is wanted at a point. */
export interface Case {
  readonly name: string;
  readonly of: "jacobian" | "hessian";
  readonly f: (x: NDArray) => NDArray;
  readonly x: () => NDArray;
}

/** Two chemicals that react and diffuse on a torus of n × n cells. */
const brusselator =
  (n: number) =>
  (y: NDArray): NDArray => {
    const [u, v] = [y.slice(0), y.slice(1)];
    const diffusion = (w: NDArray): NDArray =>
      w
        .roll(1, 0)
        .add(w.roll(-1, 0))
        .add(w.roll(1, 1))
        .add(w.roll(-1, 1))
        .sub(w.mul(4))
        .mul(0.02 * n * n);
    const reaction = u.square().mul(v);
    return stack([diffusion(u).add(reaction).sub(u.mul(4.4)).add(1), diffusion(v).sub(reaction).add(u.mul(3.4))]);
  };

export const onTorus = (n: number): Case => ({
  name: `Brusselator ${n} × ${n}`,
  of: "jacobian",
  f: brusselator(n),
  x: () => array(numbers(1, 2 * n * n, 2), { shape: [2, n, n] }),
});

/** The chain of n Rosenbrock valleys. */
const rosenbrock = (x: NDArray): NDArray =>
  x
    .slice([1, null])
    .sub(x.slice([0, -1]).square())
    .square()
    .mul(100)
    .add(x.slice([0, -1]).sub(1).square())
    .sum();

const [cameras, points] = [20, 1000];
/** Each point is seen by three cameras. */
const seen = Array.from({ length: 3 * points }, (_, k) => ({ camera: (k * 7 + (k % 3)) % cameras, point: Math.floor(k / 3) }));

/** The pictures of points by pinhole cameras, of which each has three angles, three shifts and a focal length. */
function pictures(p: NDArray): NDArray {
  const camera = p.slice([0, 7 * cameras]).reshape([cameras, 7]);
  const point = p.slice([7 * cameras, null]).reshape([points, 3]);
  const own = camera.take(array(Int32Array.from(seen, (each) => each.camera)));
  const x = point.take(array(Int32Array.from(seen, (each) => each.point)));
  const [a, b, c, s, t, r, focal] = Array.from({ length: 7 }, (_, i) => own.slice(":", i));
  const [px, py, pz] = [0, 1, 2].map((i) => x.slice(":", i));
  const [cx, sx] = [px.mul(a.cos()).sub(py.mul(a.sin())), px.mul(a.sin()).add(py.mul(a.cos()))];
  const [cy, sy] = [cx.mul(b.cos()).sub(pz.mul(b.sin())), cx.mul(b.sin()).add(pz.mul(b.cos()))];
  const [u, v] = [cy.add(s), sx.mul(c.cos()).sub(sy.mul(c.sin())).add(t)];
  const depth = sx.mul(c.sin()).add(sy.mul(c.cos())).add(r).add(5);
  return stack([u.div(depth).mul(focal), v.div(depth).mul(focal)]);
}

const steps = 200;
/** That a pendulum of angle, speed and torque keeps to its equation at the midpoint of each of 200 steps. */
function pendulum(z: NDArray): NDArray {
  const [angle, speed, torque] = [0, 1, 2].map((i) => z.reshape([3, steps + 1]).slice(i));
  const step = 0.05;
  const [before, after] = [
    [0, -1],
    [1, null],
  ] as const;
  const middle = (x: NDArray): NDArray => x.slice(before).add(x.slice(after)).mul(0.5);
  return stack([
    angle.slice(after).sub(angle.slice(before)).sub(middle(speed).mul(step)),
    speed
      .slice(after)
      .sub(speed.slice(before))
      .sub(middle(torque).sub(middle(angle).sin().mul(9.81)).sub(middle(speed).mul(0.1)).mul(step)),
  ]);
}

const side = 8;
/** Atoms near the points of a cubic lattice, each with those that are no farther than the diagonal of a square. */
const lattice = Array.from({ length: side ** 3 }, (_, k) => [Math.floor(k / side ** 2), Math.floor(k / side) % side, k % side]);
const neighbours = lattice.flatMap((a, i) =>
  lattice.flatMap((b, j) => (j > i && a.reduce((sum, x, axis) => sum + (x - b[axis]) ** 2, 0) <= 2 ? [[i, j]] : [])),
);
const [ones, others] = [0, 1].map((end) => Int32Array.from(neighbours, (pair) => pair[end]));

/** The energy of atoms that attract and repel each other by Lennard-Jones' law, as far as the neighbours. */
function cluster(p: NDArray): NDArray {
  const x = p.reshape([side ** 3, 3]);
  const s = x
    .take(array(ones))
    .sub(x.take(array(others)))
    .square()
    .sum(-1)
    .pow(-3);
  return s.square().sub(s).mul(4).sum();
}

export const cases: readonly Case[] = [
  onTorus(16),
  onTorus(32),
  onTorus(64),
  {
    name: "bundle adjustment, 20 cameras, 1000 points",
    of: "jacobian",
    f: pictures,
    x: () => array(numbers(2, 7 * cameras + 3 * points, 2)),
  },
  { name: "pendulum, 200 steps", of: "jacobian", f: pendulum, x: () => array(numbers(3, 3 * (steps + 1), 2)) },
  { name: "Rosenbrock's chain, 10000", of: "hessian", f: rosenbrock, x: () => array(numbers(4, 10_000, 2)) },
  {
    name: "Lennard-Jones cluster, 512 atoms",
    of: "hessian",
    f: cluster,
    x: () => array(numbers(5, 3 * side ** 3, 0.1).map((shift, i) => 1.12 * lattice[Math.floor(i / 3)][i % 3] + shift)),
  },
];
