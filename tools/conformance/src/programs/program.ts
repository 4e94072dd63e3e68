import { checkpoint, cond, foriLoop, grad, type NDArray, scan, valueAndGrad, vjp, whileLoop } from "@ad/core";
import { jvp, pushforward } from "@ad/forward";
import { hvp, jacfwd, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { kinked, type Operands, smooth } from "./steps.js";

/** One step of a program: an operation, or a transformation of an inner program. Whole numbers choose, modulo what there is to choose from. */
export interface Step {
  readonly op: number;
  /** The places of earlier values, counted from the last. */
  readonly a: number;
  readonly b: number;
  readonly p: number;
  readonly q: number;
  /** The inner program, for a transformation. */
  readonly body: readonly Step[] | undefined;
}

export interface Program {
  readonly steps: readonly Step[];
  /** Whether kinks and stopGradient may occur. */
  readonly kinks: boolean;
  /** Whether jit may occur. */
  readonly jit?: boolean;
  /** The most elements of a value: 24 where it is not said. */
  readonly most?: number;
}

/** A result that is too large loses elements, one of too high rank its axes. */
function bounded(x: NDArray, most: number): NDArray {
  while (x.size > most) {
    const axis = x.shape.indexOf(Math.max(...x.shape));
    x = x.moveaxis(axis, 0).slice([0, Math.floor(x.shape[axis] / 2)]);
  }
  return x.ndim > 3 ? x.reshape([-1, ...x.shape.slice(2)].map((n, i) => (i === 0 ? x.shape[0] * x.shape[1] : n))) : x;
}

/** y, or its mean where it does not broadcast with x. */
function fitting(x: NDArray, y: NDArray, most: number): NDArray {
  const rank = Math.max(x.ndim, y.ndim);
  let size = 1;
  for (let i = 1; i <= rank; i++) {
    const [m, n] = [x.shape[x.ndim - i] ?? 1, y.shape[y.ndim - i] ?? 1];
    if (m !== n && m !== 1 && n !== 1) return mean(y);
    size *= m === 1 ? n : m;
  }
  return size > most ? mean(y) : y;
}

const mean = (x: NDArray): NDArray => x.sum().div(Math.max(1, x.size));

/** Large derivatives made small, without the flatness of tanh. */
const squash = (x: NDArray): NDArray => x.div(x.square().add(1));

type Inner = (x: NDArray) => NDArray;

/** The transformations: of an inner function of one array, which also sees all that is outside of it. */
const transformations: Readonly<Record<string, (f: Inner, operands: Operands) => NDArray>> = {
  grad: (f, { x }) => squash(grad((own: NDArray) => mean(f(own)))(x)),
  valueAndGrad(f, { x }) {
    const [value, gradient] = valueAndGrad((own: NDArray) => mean(f(own)))(x);
    return squash(gradient).add(value).mul(0.5);
  },
  vjp(f, { x }) {
    const [out, pullback] = vjp(f, x);
    return squash(pullback(out.cos())[0]);
  },
  jvp(f, { x, y }) {
    const [out, tangent] = jvp(f, [x], [x.mul(y.sum().sin()).cos()]);
    return squash(tangent).add(out).mul(0.5);
  },
  pushforward(f, { x }) {
    const [, push] = pushforward(f, x);
    return squash(push([x.cos()]).add(push([x.sin()])));
  },
  hvp: (f, { x }) => squash(hvp((own: NDArray) => mean(f(own)), [x], [x.cos()])[1][0]),
  vmap(f, { x, p, q }) {
    if (x.ndim === 0) return f(x);
    // The result's rank is not known before: the first axis always is there.
    return vmap(f, { inAxes: (p % (2 * x.ndim)) - x.ndim, outAxes: q % 2 === 0 ? 0 : -1 })(x);
  },
  vmapPair(f, { x, y, p }) {
    if (x.ndim === 0) return f(x);
    const axis = p % x.ndim;
    return vmap((own: NDArray, whole: NDArray) => f(own.add(mean(whole)).mul(0.5)), { inAxes: [axis, null] })(x, y);
  },
  vmapGrad(f, { x, p }) {
    if (x.ndim === 0) return f(x);
    return squash(
      vmap(
        grad((own: NDArray) => mean(f(own))),
        { inAxes: p % x.ndim },
      )(x),
    );
  },
  jacfwd: (f, { x }) => squash(jacfwd((own: NDArray) => mean(f(own)))(x)),
  checkpoint: (f, { x }) => checkpoint(f)(x),
  cond: (f, { x, y }) => cond(y.sum().greater(0.1237), f, (own) => f(own.mul(0.7)).neg(), x),
  foriLoop: (f, { x, p }) => foriLoop(0, p % 3, (i, own) => own.add(mean(f(own)).mul(i)).mul(0.4), x),
  // As often as the numbers say, inside of vmap for each lane.
  whileLoop(f, { x, y }) {
    const steps = y.sum().greater(0.1237).where(2, 1);
    const { own } = whileLoop(
      (state) => state.i.less(steps),
      (state) => ({ i: state.i.add(1), own: state.own.add(mean(f(state.own))).mul(0.4) }),
      { i: x.sum().mul(0), own: x },
    );
    return own;
  },
  scan(f, { x, y }) {
    if (x.ndim === 0 || x.shape[0] === 0) return f(x);
    const [state, rows] = scan(
      (sum: NDArray, row: NDArray) => [sum.mul(0.5).add(mean(f(row)).mul(0.4)), f(row.add(sum).mul(0.5))],
      mean(y),
      x,
    );
    return rows.add(state).mul(0.5);
  },
  jacrev: (f, { x }) => (x.size > 8 ? f(x) : squash(jacrev((own: NDArray) => f(own).ravel().slice([0, 3]))(x))),
};

/** The same, and jit at random places. */
const compiled: typeof transformations = {
  ...transformations,
  // A program that closes over what is outside: constants, and values of other transformations.
  jit: (f, { x }) => jit(f)(x),
  jitOfGrad: (f, { x }) => squash(jit(grad((own: NDArray) => mean(f(own))))(x)),
  gradOfJit: (f, { x }) => squash(grad(jit((own: NDArray) => mean(f(own))))(x)),
  // A number is traced, a pair is a tree, a truth value is static.
  jitOfTree(f, { x, y, p, q }) {
    const own = jit(({ x, y }: { x: NDArray; y: NDArray }, k: NDArray | number, turn: boolean) => {
      const out = f(x.mul(k).add(mean(y)));
      return { out: turn ? out.neg() : out, pair: [out, y] };
    });
    const { out, pair } = own({ x, y }, 0.1 * p, q % 2 === 0);
    return out.add(mean(pair[1])).mul(0.5);
  },
};

const transformationNames = Object.keys(transformations);
const smoothNames = Object.keys(smooth);
const allNames = [...smoothNames, ...Object.keys(kinked)];

/** All that a program can consist of. */
export const stepNames: readonly string[] = [...allNames, ...transformationNames];

function runSteps(steps: readonly Step[], outer: readonly NDArray[], program: Program, log: ((line: string) => void) | undefined): NDArray {
  const values = outer.slice();
  const { most = 24 } = program;
  const names = program.kinks ? allNames : smoothNames;
  const table = program.jit ? compiled : transformations;
  const tableNames = Object.keys(table);
  const pick = (back: number): NDArray => values[values.length - 1 - (back % values.length)];
  for (const { op, a, b, p, q, body } of steps) {
    const x = pick(a);
    const operands = { x, y: fitting(x, pick(b), most), p, q };
    let out: NDArray;
    if (body === undefined) {
      const name = names[op % names.length];
      out = (smooth[name] ?? kinked[name])(operands);
      log?.(`${name} of [${x.shape}], [${operands.y.shape}], p ${p}, q ${q}`);
    } else {
      const name = tableNames[op % tableNames.length];
      log?.(`${name} of [${x.shape}], p ${p}, q ${q}, of {`);
      const inner = log && ((line: string): void => log(`  ${line}`));
      // Values outside of the program stay as they are now, however late a pullback runs this again.
      const before = values.slice();
      out = table[name]((own) => runSteps(body, [...before, own], program, inner), operands);
      log?.("}");
    }
    values.push(bounded(out, most));
  }
  return values[values.length - 1];
}

/** The program as a function. */
export const toFunction =
  (program: Program) =>
  (...inputs: NDArray[]): NDArray[] => {
    const { steps } = program;
    const half = steps.length >> 1;
    const early = runSteps(steps.slice(0, half), inputs, program, undefined);
    return [runSteps(steps.slice(half), [...inputs, early], program, undefined), early];
  };

/** The program as text, line by line, for a person who looks for the fault. */
export function listing(program: Program, inputs: readonly NDArray[]): string {
  const { steps } = program;
  const lines: string[] = [];
  const half = steps.length >> 1;
  const log = (line: string): number => lines.push(line);
  const early = runSteps(steps.slice(0, half), inputs, program, log);
  lines.push("--");
  runSteps(steps.slice(half), [...inputs, early], program, log);
  return lines.join("\n");
}
