import type { Data, NDArray } from "@ad/core";
import { Concrete, compact, constructors, room } from "@ad/core/internals/backend";
import { type ArrayList, Aval, apply, type Equation, type Graph, isFloat, isWatched, type Params } from "@ad/core/internals/trace";
import { ints } from "./numbers.js";

/** The storage of a value: the same in each run, but for results. */
interface Slot {
  readonly aval: Aval;
  data: Data;
}

/** Arrays of more elements than this are faster by the kernels. */
const maxSize = 2048;

type Loop = () => void;

/** Loops over all elements of a result; the operands have as many. An engine is three times as fast where the length is a variable of its own, and no list is taken apart. */
const arithmetic: Readonly<Record<string, (out: Slot, x: Slot, y: Slot) => Loop>> = {
  add: (out, x, y) => () => {
    const { data: o } = out;
    const { data: a } = x;
    const { data: b } = y;
    for (let i = 0, n = o.length; i < n; i++) o[i] = a[i] + b[i];
  },
  sub: (out, x, y) => () => {
    const { data: o } = out;
    const { data: a } = x;
    const { data: b } = y;
    for (let i = 0, n = o.length; i < n; i++) o[i] = a[i] - b[i];
  },
  mul: (out, x, y) => () => {
    const { data: o } = out;
    const { data: a } = x;
    const { data: b } = y;
    for (let i = 0, n = o.length; i < n; i++) o[i] = a[i] * b[i];
  },
  div: (out, x, y) => () => {
    const { data: o } = out;
    const { data: a } = x;
    const { data: b } = y;
    for (let i = 0, n = o.length; i < n; i++) o[i] = a[i] / b[i];
  },
  neg: (out, x) => () => {
    const { data: o } = out;
    const { data: a } = x;
    for (let i = 0, n = o.length; i < n; i++) o[i] = -a[i];
  },
  square: (out, x) => () => {
    const { data: o } = out;
    const { data: a } = x;
    for (let i = 0, n = o.length; i < n; i++) o[i] = a[i] * a[i];
  },
};

const gather =
  (out: Slot, x: Slot, from: Int32Array): Loop =>
  () => {
    const { data: o } = out;
    const { data: a } = x;
    for (let i = 0, n = from.length; i < n; i++) o[i] = a[from[i]];
  };

const scatter =
  (out: Slot, x: Slot, at: Int32Array, y: Slot): Loop =>
  () => {
    const { data: o } = out;
    const { data: a } = y;
    o.set(x.data);
    for (let i = 0, n = at.length; i < n; i++) o[at[i]] += a[i];
  };

const join =
  (out: Slot, own: readonly Slot[]): Loop =>
  () => {
    let at = 0;
    for (const { data } of own) {
      out.data.set(data, at);
      at += data.length;
    }
  };

/** For each element of a result the element of its first operand that it is; undefined where it is made of more. */
function sourcesOf({ operation, inputs: [x, ...others], params }: Equation): Int32Array | undefined {
  const isKnown = others.every((y) => y instanceof Concrete);
  if (!isKnown || !["reshape", "slice", "transpose", "broadcast", "take"].includes(operation as string)) return undefined;
  const places = new Concrete(
    new Aval(x.shape, "int32"),
    ints(x.size, (i) => i),
  );
  return compact(apply(operation, [places, ...others], params)[0] as Concrete) as Int32Array;
}

/** Returns whether loops are of use for a graph, and can run it: its equations are primitives on small arrays, and give all of its outputs. */
function isSmall({ equations, outputs }: Graph): boolean {
  const made = new Set<NDArray | undefined>(equations.flatMap(({ outs }) => outs));
  const isFit = ({ operation, outs: [{ size }] }: Equation): boolean =>
    typeof operation === "string" &&
    (size <= maxSize || operation === "scatterAdd" || operation === "concatenate" || operation === "reshape");
  return equations.every(isFit) && outputs.every((x) => made.has(x));
}

/** A graph of small arrays as loops over storage of their own: what an operation costs beside its numbers is paid once, when they are made. */
export class Loops {
  readonly #inputs: readonly Slot[];
  readonly #loops: readonly Loop[];
  readonly #outputs: readonly Slot[];

  private constructor({ inputs, equations, outputs }: Graph) {
    const slots = new Map<NDArray, Slot>();
    const put = (x: NDArray, data: Data): Slot => {
      const slot = { aval: x.aval, data };
      slots.set(x, slot);
      return slot;
    };
    const empty = (x: NDArray): Slot => put(x, new constructors[x.dtype](x.size));
    const slotOf = (x: NDArray): Slot => slots.get(x) ?? put(x, compact(x as Concrete));
    const isOutput = (x: NDArray): boolean => outputs.includes(x);
    this.#inputs = inputs.map(empty);
    this.#loops = equations.flatMap((equation): readonly Loop[] => {
      const own = equation.inputs.map(slotOf);
      const [x] = equation.inputs;
      const [result] = equation.outs;
      const from = sourcesOf(equation);
      if (from?.every((at, i) => at === from[0] + i) && !isOutput(x) && !isOutput(result)) {
        put(result, own[0].data.subarray(from[0], from[0] + from.length) as Data);
        return [];
      }
      return [loopOf(equation, from, empty(result), own)];
    });
    this.#outputs = (outputs as ArrayList).map(slotOf);
  }

  static of(graph: Graph): Loops | undefined {
    return isSmall(graph) ? new Loops(graph) : undefined;
  }

  /** The results for numbers; undefined where the inputs are none, or something observes operations. */
  run(inputs: ArrayList): ArrayList | undefined {
    if (isWatched() || !inputs.every((x) => x instanceof Concrete)) return undefined;
    for (let i = 0; i < inputs.length; i++) this.#inputs[i].data.set(compact(inputs[i] as Concrete));
    for (const slot of this.#outputs) slot.data = room(slot.aval.dtype, slot.aval.size);
    for (const loop of this.#loops) loop();
    return this.#outputs.map(({ aval, data }) => new Concrete(aval, data));
  }
}

/** An equation as a loop; an operation that has none here is done by its kernel. */
function loopOf({ operation, inputs, params }: Equation, from: Int32Array | undefined, out: Slot, own: readonly Slot[]): Loop {
  const [x, y, z] = own;
  if (from) return gather(out, x, from);
  if (operation === "concatenate" && (params as Params<"concatenate">).axis === 0) return join(out, own);
  // The kernel sums float32 in float64.
  if (operation === "scatterAdd" && inputs[0].ndim === 1 && inputs[1] instanceof Concrete && out.aval.dtype === "float64")
    return scatter(out, x, y.data as Int32Array, z);
  const loop = isFloat(out.aval.dtype) && arithmetic[operation as string];
  if (loop) return loop(out, x, y);
  const arrays = (): NDArray[] => own.map(({ aval, data }) => new Concrete(aval, data));
  return () => out.data.set(compact(apply(operation, arrays(), params)[0] as Concrete));
}
