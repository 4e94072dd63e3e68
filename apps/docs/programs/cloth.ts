// A cloth that hangs: its energy is written down, and the energy's gradient moves it.
import { arange, floorDivide, foriLoop, grad, type NDArray, stack, zeros } from "@ad/core";
import { jit } from "@ad/jit";

/** Knots along each side, and how long the threads between them are. */
export const n = 16;
const length = 0.2;

/** Where the knots are at first: x and y of each. */
const places = arange(n * n);
const x = places.mod(n).sub((n - 1) / 2);
const y = floorDivide(places, n).neg().add(9);
export const knots = stack([x, y]).mul(length).reshape(2, n, n).astype("float32");
export const rest = zeros([2, n, n], "float32");

/** The threads that lead so many rows down and columns to the right: the squares of what they are too long. */
function stretch(x: NDArray, down: number, right: number): NDArray {
  const from = x.slice(":", [0, n - down], [0, n - right]);
  const to = x.slice(":", [down, null], [right, null]);
  const natural = length * Math.hypot(down, right);
  return to.sub(from).norm(0).sub(natural).square().sum();
}

/** The energy of threads, of weight, and of what holds knots at places. */
function energy(x: NDArray, held: NDArray, places: NDArray): NDArray {
  const threads = stretch(x, 0, 1).add(stretch(x, 1, 0));
  const diagonals = stretch(x, 1, 1).add(stretch(x.flip(2), 1, 1));
  const weight = x.slice(1).sum();
  const holds = x.sub(places).square().mul(held).sum();
  return threads.mul(4000).add(diagonals.mul(800)).add(weight.mul(9.81)).add(holds.mul(2000));
}
const slope = grad(energy);

/** A frame, of eight steps: where the knots go, how fast, and the gradient. */
export const frame = jit((x: NDArray, v: NDArray, held: NDArray, places: NDArray) => {
  const dt = 1 / 480;
  const step = (_: NDArray, [x, v]: readonly [NDArray, NDArray]): [NDArray, NDArray] => {
    const faster = v.sub(slope(x, held, places).mul(dt)).mul(0.997);
    return [x.add(faster.mul(dt)), faster];
  };
  const [to, faster] = foriLoop(0, 8, step, [x, v]);
  return [to, faster, slope(to, held, places)];
});
