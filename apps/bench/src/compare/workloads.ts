import type { ProgramName } from "../programs/index.js";

export type DType = "float32" | "float64";

/** The computations; numbers.ts has their inputs. */
export type Kind =
  | "matmul"
  | "chain"
  | "chain gradient"
  | "add"
  | "sum axis 0"
  | "sum axis 1"
  | "mlp"
  | "jacobian"
  | "jacobian loop"
  | "jvps"
  | "jvps loop"
  | "hessian"
  | "tape sin"
  | "tape mul"
  | `${ProgramName}: ${"value" | "derivative"}`;

/** The libraries that compute. */
export const peers = ["ad", "tfjs cpu", "tfjs wasm", "jax-js", "jax-js jit", "torch", "jax jit"] as const;
export type Peer = (typeof peers)[number];

export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly kind: Kind;
  readonly dtype: DType;
  /** The size of a matrix, or the number of directions. */
  readonly n: number;
  /** The number of operations in a run; times are of one of them. */
  readonly operations: number;
  /** The targets: the least speed of ours, in multiples of a peer's. */
  readonly targets: Readonly<Partial<Record<Peer | "its own value", number>>>;
  /** The time of one operation that ours is to stay under, in milliseconds. */
  readonly ceiling?: number;
  /** Also in --quick, which has one workload for each target. */
  readonly quick: boolean;
}

type Rest = Partial<Omit<Workload, "kind" | "dtype">>;

const short = { float32: "f32", float64: "f64" } as const;

function workload(group: string, title: string, kind: Kind, dtype: DType, rest: Rest = {}): Workload {
  const n = rest.n ?? 0;
  return {
    id: `${kind}${n ? ` ${n}` : ""} ${short[dtype]}`,
    title: `${title}, ${short[dtype]}`,
    group,
    kind,
    dtype,
    operations: 1,
    targets: {},
    quick: false,
    ...rest,
    n,
  };
}

const both = <T>(make: (dtype: DType) => T): T[] => [make("float64"), make("float32")];
const isWide = (dtype: DType): boolean => dtype === "float64";

/** The network 50 → 100 → 50 and its derivatives. */
const network = (dtype: DType): Workload[] => {
  const group = "tanh network 50 → 100 → 50";
  return [
    workload(group, "Jacobian, loop", "jacobian loop", dtype, { quick: true }),
    workload(group, "Jacobian, vectorised", "jacobian", dtype, {
      quick: true,
      targets: isWide(dtype) ? { torch: 2 } : { "jax-js jit": 4, torch: 2 },
    }),
    workload(group, "256 JVPs at one point", "jvps", dtype, {
      n: 256,
      quick: true,
      targets: isWide(dtype) ? { torch: 2.5 } : { torch: 2.5, "jax-js jit": 5 },
    }),
    workload(group, "256 JVPs at one point, loop", "jvps loop", dtype, { n: 256, quick: !isWide(dtype) }),
    workload(group, "Hessian of ‖f‖²", "hessian", dtype, { quick: !isWide(dtype) }),
  ];
};

/** An objective and its derivative, beside PyTorch: within 1.2 times its time, or 2.5 where wide products are most of it. */
const program = (title: string, name: ProgramName, what: string, torch = 1.2): Workload[] => {
  const group = "programs";
  const cheap = what === "gradient" ? { "its own value": 1 / 4 } : {};
  return [
    workload(group, `${title}: value`, `${name}: value`, "float64", { targets: { torch: 1 / torch } }),
    workload(group, `${title}: ${what}`, `${name}: derivative`, "float64", { targets: { torch: 1 / torch, ...cheap } }),
  ];
};

export const directions = [1, 4, 16, 64, 256, 1024, 4096] as const;

export const workloads: readonly Workload[] = [
  ...[64, 256, 512, 1024].map((n) =>
    workload("matrix product", `${n} × ${n}`, "matmul", "float32", {
      n,
      quick: n === 256,
      targets: n < 256 ? {} : { "tfjs wasm": 1.2, "jax-js": 1.7, torch: 1 / 2.4 },
    }),
  ),
  ...[256, 512, 1024].map((n) =>
    workload("matrix product", `${n} × ${n}`, "matmul", "float64", {
      n,
      quick: n === 256,
      targets: { ...(n === 256 ? { "jax-js": 12 } : n === 1024 ? { "jax-js": 35 } : {}), torch: 1 / 2.4 },
    }),
  ),
  ...both((dtype) =>
    workload("tanh(sin(x)·x + exp(−x²)), 10⁶", "value", "chain", dtype, {
      quick: true,
      targets: isWide(dtype) ? { torch: 1 } : { torch: 1, "tfjs wasm": 12, "jax-js jit": 7 },
    }),
  ),
  ...both((dtype) =>
    workload("tanh(sin(x)·x + exp(−x²)), 10⁶", "gradient of its sum", "chain gradient", dtype, {
      quick: true,
      targets: isWide(dtype) ? { torch: 1 } : { torch: 1, "tfjs wasm": 12 },
    }),
  ),
  ...both((dtype) => workload("memory", "x + y, 10⁶", "add", dtype, { quick: true, targets: { torch: 1 / 4 } })),
  ...both((dtype) => workload("memory", "sum of 1000 × 1000, axis 0", "sum axis 0", dtype, { targets: { torch: 1 / 1.5 } })),
  ...both((dtype) => workload("memory", "sum of 1000 × 1000, axis 1", "sum axis 1", dtype, { targets: { torch: 1 / 1.5 } })),
  ...both((dtype) =>
    workload("network 784 → 256 → 128 → 10, 128 samples", "value and gradient", "mlp", dtype, {
      quick: true,
      targets: isWide(dtype) ? {} : { torch: 1 / 2.3, "tfjs wasm": 10, "jax-js jit": 1.7 },
    }),
  ),
  ...network("float64"),
  ...network("float32"),
  ...both((dtype) =>
    (["tape mul", "tape sin"] as const).map((kind) =>
      workload("one operation on 10 elements, forward and backward", kind.slice(5), kind, dtype, {
        operations: 100,
        quick: !isWide(dtype),
        ceiling: 0.0005,
        targets: isWide(dtype) ? { torch: 4.5 } : { torch: 4.5, "tfjs cpu": 12, "jax-js": 20 },
      }),
    ),
  ).flat(),
  ...directions
    .filter((n) => n !== 256)
    .flatMap((n) => [
      workload("N JVPs at one point", `N = ${n}`, "jvps", "float64", { n }),
      workload("N JVPs at one point", `N = ${n}, loop`, "jvps loop", "float64", { n }),
    ]),
  ...program("GMM 1k, d10, K25", "mixture 1k 10 25", "gradient"),
  ...program("GMM 1k, d20, K50", "mixture 1k 20 50", "gradient"),
  ...program("GMM 10k, d20, K25", "mixture 10k 20 25", "gradient"),
  ...program("bundle, 31 843", "bundle 31843", "Jacobians"),
  ...program("hand, 100 points on triangles", "hand 544 100", "derivatives"),
  ...program("LSTM, 2 layers, 1024", "lstm 2 1024", "gradient"),
  ...program("simple regression", "simple regression", "Hessian"),
  ...program("robust regression", "robust regression", "Hessian"),
  ...program("attention, 8 heads", "attention", "gradient"),
  ...program("transformer, 64 wide", "transformer", "gradient", 2.5),
];
