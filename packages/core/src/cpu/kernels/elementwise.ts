import { stepOf } from "../../array/views.js";
import { type Aval, type Data, isFloat } from "../../engine/aval.js";
import { DTypeError, ShapeError } from "../../engine/errors.js";
import type { Kernel } from "../../engine/kernels.js";
import type { NamesOf, Params } from "../../primitives/index.js";
import type { CpuView } from "../operands.js";
import { allocate, compact } from "../storage.js";
import { walk } from "./loops.js";
import * as special from "./special.js";

type Name = NamesOf<"elementwise">;

/** One run of n elements: operand at a, a + sa, …; result from o on. */
type Run1 = (n: number, x: Data, a: number, sa: number, out: Data, o: number) => void;
type Run2 = (n: number, x: Data, a: number, sa: number, y: Data, b: number, sb: number, out: Data, o: number) => void;

function unary(run: Run1, [x]: readonly CpuView[], aval: Aval): Data {
  const out = allocate(aval.dtype, aval.size);
  const step = stepOf(x);
  if (step !== undefined) run(aval.size, x.storage, x.offset, step, out, 0);
  else walk(aval.shape, [{ stride: aval.stride, offset: 0 }, x], (n, at, steps) => run(n, x.storage, at[1], steps[1], out, at[0]));
  return out;
}

function binary(run: Run2, [x, y]: readonly CpuView[], aval: Aval): Data {
  const out = allocate(aval.dtype, aval.size);
  const [sx, sy] = [stepOf(x), stepOf(y)];
  if (sx !== undefined && sy !== undefined) run(aval.size, x.storage, x.offset, sx, y.storage, y.offset, sy, out, 0);
  else
    walk(aval.shape, [{ stride: aval.stride, offset: 0 }, x, y], (n, at, steps) =>
      run(n, x.storage, at[1], steps[1], y.storage, at[2], steps[2], out, at[0]),
    );
  return out;
}

const each =
  (f: (x: number) => number): Run1 =>
  (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = f(x[a]);
  };
const each2 =
  (f: (x: number, y: number) => number): Run2 =>
  (n, x, a, sa, y, b, sb, out, o) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = f(x[a], y[b]);
  };

const map = (f: (x: number) => number) => {
  const run = each(f);
  return (inputs: readonly CpuView[], _: unknown, aval: Aval): Data => unary(run, inputs, aval);
};
const map2 = (f: (x: number, y: number) => number) => {
  const run = each2(f);
  return (inputs: readonly CpuView[], _: unknown, aval: Aval): Data => binary(run, inputs, aval);
};

/** Loops of their own for what is cheaper than a call, or called so often that the engine should see it alone. */
const loop = (run: Run1) => (inputs: readonly CpuView[], _: unknown, aval: Aval) => unary(run, inputs, aval);
const loop2 = (run: Run2) => (inputs: readonly CpuView[], _: unknown, aval: Aval) => binary(run, inputs, aval);

const multiply: Run2 = (n, x, a, sa, y, b, sb, out, o) => {
  for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] * y[b];
};
const multiplyInt = each2(Math.imul);
const squareInt = each((x) => Math.imul(x, x));
const square: Run1 = (n, x, a, sa, out, o) => {
  for (let i = 0; i < n; i++, a += sa) out[o + i] = x[a] * x[a];
};

/**
 * Half the time of Math.tanh, within 4 ulp: near 0 Lambert's continued fraction (DLMF 4.39.1) up to its eleventh level, else by exp.
 */
function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 1.75) {
    const s = x * x;
    const above = 13749310575 + s * (1964187225 + s * (64324260 + s * (675675 + s * (2145 + s))));
    return (x * above) / (13749310575 + s * (6547290750 + s * (413513100 + s * (7567560 + s * (45045 + s * 66)))));
  }
  const t = 1 - 2 / (Math.exp(2 * a) + 1);
  return x < 0 ? -t : t;
}

/** One exponent for all is a square, a cube or a root most often. */
const pow: Run2 = (n, x, a, sa, y, b, sb, out, o) => {
  const power = sb === 0 ? y[b] : 0;
  if (power === 2) multiply(n, x, a, sa, x, a, sa, out, o);
  else if (power === 3) for (let i = 0; i < n; i++, a += sa) out[o + i] = x[a] * x[a] * x[a];
  // The root of -0 is 0 here, and that of -Infinity is Infinity.
  else if (power === 0.5) for (let i = 0; i < n; i++, a += sa) out[o + i] = x[a] === -Infinity ? Infinity : Math.sqrt(x[a] + 0);
  else for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = special.pow(x[a], y[b]);
};
const powInt = each2((x, n) => {
  if (n < 0)
    throw new DTypeError(
      `pow: an int32 base meets the negative exponent ${n}; whole numbers have no such powers. Use x.astype("float64").`,
    );
  let result = 1;
  for (let base = x; n > 0; n >>>= 1, base = Math.imul(base, base)) if (n & 1) result = Math.imul(result, base);
  return result;
});
/** NumPy's remainder of whole numbers by zero is 0. */
const modInt = each2((x, y) => (y === 0 ? 0 : special.mod(x, y)));
const mod = each2(special.mod);

export const elementwise: { readonly [P in Name]: Kernel<P, Data> } = {
  neg: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = -x[a];
  }),
  abs: map(Math.abs),
  sign: map(Math.sign),
  square: (inputs, _, aval) => unary(isFloat(aval.dtype) ? square : squareInt, inputs, aval),
  sqrt: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.sqrt(x[a]);
  }),
  rsqrt: map((x) => 1 / Math.sqrt(x)),
  cbrt: map(Math.cbrt),
  reciprocal: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = 1 / x[a];
  }),
  exp: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.exp(x[a]);
  }),
  exp2: map((x) => special.pow(2, x)),
  expm1: map(Math.expm1),
  log: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.log(x[a]);
  }),
  log2: map(Math.log2),
  log10: map(Math.log10),
  log1p: map(Math.log1p),
  sin: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.sin(x[a]);
  }),
  cos: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.cos(x[a]);
  }),
  tan: map(Math.tan),
  asin: map(Math.asin),
  acos: map(Math.acos),
  atan: map(Math.atan),
  sinh: map(Math.sinh),
  cosh: map(Math.cosh),
  tanh: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = tanh(x[a]);
  }),
  sechSquare: map(special.sechSquare),
  // As a product, which loses no digits where |x| is near 1.
  oneMinusSquare: loop((n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = (1 - x[a]) * (1 + x[a]);
  }),
  asinh: map(Math.asinh),
  acosh: map(Math.acosh),
  atanh: map(Math.atanh),
  sigmoid: map(special.sigmoid),
  softplus: map(special.softplus),
  relu: map((x) => (x <= 0 ? 0 : x)),
  erf: map(special.erf),
  erfc: map(special.erfc),
  normalCdf: map(special.normalCdf),
  lgamma: map(special.lgamma),
  polygamma: (inputs, { n }, aval) =>
    unary(
      each((x) => special.polygamma(n, x)),
      inputs,
      aval,
    ),
  floor: map(Math.floor),
  ceil: map(Math.ceil),
  round: map(special.roundHalfEven),
  trunc: map(Math.trunc),
  stopGradient: ([x]) => compact(x),
  isNaN: map((x) => +Number.isNaN(x)),
  isFinite: map((x) => +Number.isFinite(x)),
  not: map((x) => +!x),
  wrapIndex: (inputs, { size, op }, aval) =>
    unary(
      (n, x, a, sa, out, o) => {
        for (let k = 0; k < n; k++, a += sa) {
          const i = x[a];
          if (i < -size || i >= size)
            throw new ShapeError(
              `${op}: index ${i} is out of bounds for an axis of ${size}; ${size ? `use ${-size} to ${size - 1}` : "there is no element to take"}.`,
            );
          out[o + k] = i < 0 ? i + size : i;
        }
      },
      inputs,
      aval,
    ),

  add: loop2((n, x, a, sa, y, b, sb, out, o) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] + y[b];
  }),
  sub: loop2((n, x, a, sa, y, b, sb, out, o) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] - y[b];
  }),
  mul: (inputs, _, aval) => binary(isFloat(aval.dtype) ? multiply : multiplyInt, inputs, aval),
  div: loop2((n, x, a, sa, y, b, sb, out, o) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] / y[b];
  }),
  pow: (inputs, _, aval) => binary(isFloat(aval.dtype) ? pow : powInt, inputs, aval),
  mod: (inputs, _, aval) => binary(isFloat(aval.dtype) ? mod : modInt, inputs, aval),
  maximum: map2(Math.max),
  minimum: map2(Math.min),
  atan2: map2(Math.atan2),
  hypot: map2(special.hypot2),
  logaddexp: map2(special.logaddexp),
  and: map2((x, y) => x & y),
  or: map2((x, y) => x | y),
  xor: map2((x, y) => x ^ y),
  equal: map2((x, y) => +(x === y)),
  notEqual: map2((x, y) => +(x !== y)),
  less: map2((x, y) => +(x < y)),
  lessEqual: map2((x, y) => +(x <= y)),

  clamp(inputs, _, aval) {
    const out = allocate(aval.dtype, aval.size);
    const [{ storage: x }, { storage: lo }, { storage: hi }] = inputs;
    walk(aval.shape, [{ stride: aval.stride, offset: 0 }, ...inputs], (n, [o, a, b, c], [, sa, sb, sc]) => {
      for (let i = 0; i < n; i++, a += sa, b += sb, c += sc) out[o + i] = Math.min(Math.max(x[a], lo[b]), hi[c]);
    });
    return out;
  },
} satisfies { readonly [P in Name]: (inputs: readonly CpuView[], params: Params<P>, aval: Aval) => Data };
