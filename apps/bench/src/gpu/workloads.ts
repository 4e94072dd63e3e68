/** The sides in the page: our library on its two devices, our programs of `jit`, our loop in place of one vectorised evaluation, tfjs and jax-js on WebGL. */
export const sides = ["cpu", "gpu", "jit", "loop", "tfjs", "jax-js"] as const;
export type Side = (typeof sides)[number];

export const kinds = ["matmul", "chain", "chain gradient", "mlp", "jvps", "upload", "read", "step", "directions"] as const;
export type Kind = (typeof kinds)[number];

export interface Workload {
  readonly kind: Kind;
  readonly title: string;
  /** The side of the matrices, the number of elements, the batch of the MLP, the number of directions; of steps and directions the width of the MLP. */
  readonly n: number;
  readonly sides: readonly Side[];
  /** The factor by which the GPU has to be faster than another side. */
  readonly target?: { readonly side: Side; readonly ratio: number };
}

const beside = (kind: Kind, title: string, n: number, side: Side, ratio: number): Workload => ({
  kind,
  title,
  n,
  sides: ["gpu", side, "jax-js"],
  target: { side, ratio },
});

/** Beside the peers, with the ratio to one side that the library wants to reach. */
export const comparisons: readonly Workload[] = [
  beside("matmul", "matmul 256", 256, "tfjs", 1.3),
  beside("matmul", "matmul 512", 512, "tfjs", 1.3),
  beside("chain", "tanh(sin(x)·x + exp(−x²)), 1e6", 1e6, "tfjs", 2),
  beside("chain gradient", "its gradient, 1e6", 1e6, "tfjs", 2.5),
  beside("mlp", "MLP 784-256-128-10, batch 128, value and gradient", 128, "tfjs", 1.3),
  beside("jvps", "256 JVPs of a 50→100→50 MLP", 256, "loop", 3),
  beside("upload", "upload 4 MB", 1e6, "tfjs", 1),
  beside("read", "read back 4 MB", 1e6, "tfjs", 1),
];

const compiled = (kind: Kind, title: string, n: number, ratio: number): Workload => ({
  kind,
  title,
  n,
  sides: ["gpu", "jit"],
  target: { side: "jit", ratio },
});

/** The GPU without `jit` beside programs, with how many times faster these have to be. */
export const programs: readonly Workload[] = [
  compiled("step", "training step of a 16-16-10 MLP, 8 samples", 16, 2),
  compiled("step", "training step of a 512-512-10 MLP, 128 samples", 512, 1),
  compiled("directions", "256 JVPs of an 8→16→8 MLP", 8, 2),
  compiled("directions", "256 JVPs of a 256→512→256 MLP", 256, 1),
];

const sizes: Readonly<Partial<Record<Kind, readonly number[]>>> = {
  matmul: [16, 32, 64, 128, 256, 512, 1024],
  chain: [1e3, 1e4, 1e5, 1e6, 4e6],
  "chain gradient": [1e3, 1e4, 1e5, 1e6, 4e6],
  mlp: [1, 8, 32, 128, 512],
};

/** Our two devices over sizes. */
export const crossovers: readonly Workload[] = kinds.flatMap((kind) =>
  (sizes[kind] ?? []).map((n): Workload => ({ kind, title: `${kind} ${n}`, n, sides: ["cpu", "gpu"] })),
);
