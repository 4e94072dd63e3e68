// Shared by both of jax-js's sides. An operation consumes its operands; `.ref` keeps them.
import { blockUntilReady, defaultDevice, init, numpy as np } from "@jax-js/jax";
import { numbers } from "../dist/compare/numbers.js";

await init("wasm");
defaultDevice("wasm");

const flatten = (tree) => (Array.isArray(tree) ? tree.flatMap(flatten) : [tree]);

/** A function as it is timed. Everything that an evaluation must not consume is handed out anew by `inputs`. */
export const task = (run, inputs) => ({
  run: () => run(...inputs()),
  wait: (result) => blockUntilReady(result),
  read: async (result) => {
    const parts = [];
    for (const x of flatten(result)) parts.push(Array.from(await x.ref.data()));
    return parts.flat();
  },
  free: (result) => {
    for (const x of flatten(result)) x.dispose();
  },
});

/** Hands the same arrays out for each evaluation. */
export const keeping =
  (...all) =>
  () =>
    all.map((x) => x.ref);

/** Makes arrays of the numbers that every peer makes, and of given ones. */
export function maker(dtype) {
  const type = dtype === "float32" ? np.float32 : np.float64;
  const Typed = dtype === "float32" ? Float32Array : Float64Array;
  const of = (values, shape) => np.array(Typed.from(values), { dtype: type }).reshape(shape);
  const make = (seed, shape, scale) =>
    of(
      numbers(
        seed,
        shape.reduce((a, b) => a * b, 1),
        scale,
      ),
      shape,
    );
  return { make, of };
}

/** The labels of 128 samples of ten classes, as ones in zeros. */
export const labelled = (of) =>
  of(
    Array.from({ length: 1280 }, (_, i) => +(i % 10 === Math.floor(i / 10) % 10)),
    [128, 10],
  );
