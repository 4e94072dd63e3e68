import { stepOf } from "../../array/views.js";
import { type Aval, type Data, isFloat } from "../../engine/aval.js";
import type { Kernel } from "../../engine/kernels.js";
import type { Arity, NamesOf, Params } from "../../engine/primitive.js";
import { elementwise as rows } from "../../primitives/elementwise.js";
import * as special from "../../primitives/special.js";
import type { CpuView } from "../operands.js";
import { compact, room } from "../storage.js";
import { walk } from "./loops.js";

type Name = NamesOf<"elementwise">;
/** The names of those with N operands. */
type Of<N> = { [P in Name]: Arity<P> extends N ? P : never }[Name];
type Plain = (inputs: readonly CpuView[], params: unknown, aval: Aval) => Data;

/** One run of n elements: operand at a, a + sa, …; result from o on. */
type Run1 = (n: number, x: Data, a: number, sa: number, out: Data, o: number) => void;
type Run2 = (n: number, x: Data, a: number, sa: number, y: Data, b: number, sb: number, out: Data, o: number) => void;

function unary(run: Run1, [x]: readonly CpuView[], aval: Aval): Data {
  const out = room(aval.dtype, aval.size);
  const step = stepOf(x);
  if (step !== undefined) run(aval.size, x.storage, x.offset, step, out, 0);
  else walk(aval.shape, [{ stride: aval.stride, offset: 0 }, x], (n, at, steps) => run(n, x.storage, at[1], steps[1], out, at[0]));
  return out;
}

function binary(run: Run2, [x, y]: readonly CpuView[], aval: Aval): Data {
  const out = room(aval.dtype, aval.size);
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

const multiply: Run2 = (n, x, a, sa, y, b, sb, out, o) => {
  for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] * y[b];
};

/** Loops of their own for what is cheaper than a call, or called so often that the engine should see it alone. They compute the row's value. */
const loops1: { readonly [P in Of<1>]?: Run1 } = {
  neg: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = -x[a];
  },
  square: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = x[a] * x[a];
  },
  sqrt: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.sqrt(x[a]);
  },
  reciprocal: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = 1 / x[a];
  },
  exp: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.exp(x[a]);
  },
  log: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.log(x[a]);
  },
  sin: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.sin(x[a]);
  },
  cos: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = Math.cos(x[a]);
  },
  tanh: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = special.tanh(x[a]);
  },
  oneMinusSquare: (n, x, a, sa, out, o) => {
    for (let i = 0; i < n; i++, a += sa) out[o + i] = (1 - x[a]) * (1 + x[a]);
  },
};
const loops2: { readonly [P in Of<2>]?: Run2 } = {
  add: (n, x, a, sa, y, b, sb, out, o) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] + y[b];
  },
  sub: (n, x, a, sa, y, b, sb, out, o) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] - y[b];
  },
  mul: multiply,
  div: (n, x, a, sa, y, b, sb, out, o) => {
    for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = x[a] / y[b];
  },
  /** One exponent for all is a square, a cube or a root most often. */
  pow: (n, x, a, sa, y, b, sb, out, o) => {
    const power = y[b];
    if (sb !== 0) for (let i = 0; i < n; i++, a += sa, b += sb) out[o + i] = special.pow(x[a], y[b]);
    else if (power === 2) multiply(n, x, a, sa, x, a, sa, out, o);
    else {
      const value = special.powerOf(power);
      for (let i = 0; i < n; i++, a += sa) out[o + i] = value(x[a]);
    }
  },
};

/** A function that has parameters. */
const family =
  <P>(value: (params: P) => (x: number) => number) =>
  (inputs: readonly CpuView[], params: P, aval: Aval): Data =>
    unary(each(value(params)), inputs, aval);

const { polygamma, wrapIndex, clamp, stopGradient: _, ...plain } = rows;

const wrapped = family(wrapIndex.value);

const own1: Readonly<Record<string, Run1 | undefined>> = loops1;
const own2: Readonly<Record<string, Run2 | undefined>> = loops2;

/** The kernel of a row: a loop for floats, and one for whole numbers where those have a form of their own. */
function kernelOf(name: string, row: (typeof plain)[keyof typeof plain]): Plain {
  if (row.arity === 1) {
    const run = own1[name] ?? each(row.value);
    const whole = row.int ? each(row.int) : run;
    return (inputs, _, aval) => unary(isFloat(aval.dtype) ? run : whole, inputs, aval);
  }
  const run = own2[name] ?? each2(row.value);
  const whole = row.int ? each2(row.int) : run;
  return (inputs, _, aval) => binary(isFloat(aval.dtype) ? run : whole, inputs, aval);
}

type Derived = { readonly [P in keyof typeof plain]: Plain };

export const elementwise: { readonly [P in Name]: Kernel<P, Data> } = {
  ...(Object.fromEntries(Object.entries(plain).map(([name, row]) => [name, kernelOf(name, row)])) as Derived),
  polygamma: family(polygamma.value),
  /** Indices that count from the start stay as they are. */
  wrapIndex(inputs, params, aval) {
    const at = compact(inputs[0]);
    let i = 0;
    while (i < at.length && at[i] >>> 0 < params.size) i++;
    return i === at.length ? at : wrapped(inputs, params, aval);
  },
  stopGradient: ([x]) => compact(x),
  clamp(inputs, _, aval) {
    const out = room(aval.dtype, aval.size);
    const [{ storage: x }, { storage: lo }, { storage: hi }] = inputs;
    walk(aval.shape, [{ stride: aval.stride, offset: 0 }, ...inputs], (n, [o, a, b, c], [, sa, sb, sc]) => {
      for (let i = 0; i < n; i++, a += sa, b += sb, c += sc) out[o + i] = clamp.value(x[a], lo[b], hi[c]);
    });
    return out;
  },
} satisfies { readonly [P in Name]: (inputs: readonly CpuView[], params: Params<P>, aval: Aval) => Data };
