// A cloth that hangs: only its energy is written, and the energy's gradient moves it. Eight steps for each frame, compiled once.
import { arange, foriLoop, grad, type NDArray, stack, zeros } from "@ad/core";
import { jit } from "@ad/jit";

/** Knots along each side, and how long the threads between them are. */
export const n = 16;
const length = 0.2;

/** Where the knots are at first: x and y of each, [2, n, n]. */
const across = arange(n)
  .sub((n - 1) / 2)
  .mul(length);
export const knots = stack([across.broadcastTo([n, n]), across.neg().add(0.3).expandDims(1).broadcastTo([n, n])]).astype("float32");
export const rest = zeros([2, n, n], "float32");

/** By how much the threads are longer than they want to be that lead from each knot to the one so many rows below and columns beside. */
const stretched = (x: NDArray, rows: number, columns: number): NDArray =>
  x
    .slice(":", [rows, null], [columns, null])
    .sub(x.slice(":", [0, n - rows], [0, n - columns]))
    .norm(0)
    .sub(length * Math.hypot(rows, columns));

/** The energy of the threads, of the cloth's weight, and of what holds knots, [n, n], at places, [2, n, n]. */
function energy(x: NDArray, held: NDArray, places: NDArray): NDArray {
  const threads = stretched(x, 0, 1)
    .square()
    .sum()
    .add(stretched(x, 1, 0).square().sum());
  const diagonals = stretched(x, 1, 1)
    .square()
    .sum()
    .add(stretched(x.flip(2), 1, 1).square().sum());
  const holds = x.sub(places).square().mul(held).sum();
  return threads.mul(4000).add(diagonals.mul(800)).add(x.slice(1).sum().mul(9.81)).add(holds.mul(2000));
}
const slope = grad(energy);

/** A frame: where the knots go, how fast they are, and the gradient of the energy, which moves them. */
export const frame = jit((x: NDArray, v: NDArray, held: NDArray, places: NDArray) => {
  const [steps, dt] = [8, 1 / 480];
  const step = (_: NDArray, [at, speed]: readonly [NDArray, NDArray]): [NDArray, NDArray] => {
    const faster = speed.sub(slope(at, held, places).mul(dt)).mul(0.997);
    return [at.add(faster.mul(dt)), faster];
  };
  const [to, faster] = foriLoop(0, steps, step, [x, v]);
  return [to, faster, slope(to, held, places)] as const;
});
