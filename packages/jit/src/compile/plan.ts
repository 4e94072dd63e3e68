import type { Data, NDArray } from "@ad/core";
import { binaries, Concrete, isRowMajor, load, reserve, type Strided, unaries, type View, views } from "@ad/core/internals/backend";
import {
  type ArrayList,
  type Aval,
  type Equation,
  type Graph,
  isFloat,
  type NamesOf,
  type Params,
  type PrimitiveName,
  primitives,
  rebind,
  sameShape,
} from "@ad/core/internals/trace";
import { isElementwise } from "../passes/broadcasts.js";
import { gathering } from "./axes.js";
import { bytesOf } from "./emit.js";
import { comparisons, dtypeOf, frameOf } from "./frame.js";
import { alone, hasRoom, isFold, isLanewise } from "./lanewise.js";
import { mergedPlaces } from "./places.js";
import type { Buffer, ElementStep, FoldStep, Loop, OperationStep, Place, Plan, Step } from "./steps.js";

/** Larger arrays are left to the kernels, which have vector instructions. */
const maxLoop = 1 << 10;

/** Cheap work on fewer elements of float64 is faster in a loop of JavaScript, which keeps what lies between in registers. */
const maxShort = 1 << 9;

/** Larger results are put together by the kernel. */
const maxCopied = 1 << 13;

/** Products of so many terms are shared among threads, which have a memory of their own. */
const minSharedProduct = 1 << 21;

/** Elements of values that lie in the vector kernels' memory, and of all of them. */
const minInside = 1 << 8;
const maxInside = 1 << 21;

/** Sums of more elements are left to the kernels, which add pairwise. */
const maxFold = 1 << 10;

/** Values of one loop of tiles: reading and writing one more array costs little against so many. */
const maxTiled = 200;

/** Returns whether a loop computes a primitive element by element, where the shape of the primitive itself counts. */
const isElement = (name: PrimitiveName): boolean => isElementwise(name) || name === "take";

/** Loops in JavaScript are as fast as the kernels for these, and need no copies of operands in strides: they are fused at any size. */
const isCheapOf = (name: PrimitiveName): boolean =>
  /^(cast|select|take)$/.test(name) || (primitives[name] as { readonly cost?: string }).cost === "arithmetic";

const vectorised = new Set<string>([...unaries, ...binaries, "select", ...comparisons]);

/** Bytes: where so much is not to be had, there is no WebAssembly. */
const minMemory = 1 << 18;

/** Returns whether the vector kernels compute an operation, as far as types go. */
function hasKernel(name: PrimitiveName, inputs: readonly NDArray[], out: NDArray): boolean {
  if (!vectorised.has(name) || load(minMemory) === undefined) return false;
  const dtype = dtypeOf({ name, inputs });
  return isFloat(dtype) && (out.dtype === dtype || out.dtype === "bool");
}

export type AnyView = (x: View<Data> | (Strided & { aval: Aval }), params: unknown, out: Aval) => Strided | undefined;

/** Decides for each equation how it is computed, and where each value lies; undefined where an equation reads an array that is neither of the graph nor on the CPU. */
export function plan(graph: Graph): Plan | undefined {
  const own = new Set<NDArray | undefined>([undefined, ...graph.inputs, ...graph.equations.flatMap(({ outs }) => outs)]);
  const read = [...graph.equations.flatMap(({ inputs }) => inputs), ...graph.outputs];
  if (!read.every((x) => own.has(x) || x instanceof Concrete)) return undefined;
  const places = new Map<NDArray, Place>();
  const buffers: Buffer[] = [];
  const constants = new Map<Data, Buffer>();
  const steps: Step[] = [];
  /** The step that writes a buffer. */
  const writer = new Map<Buffer, number>();
  const stored = new Set<NDArray>();
  /** The loop in which a value is computed, as a local. */
  const local = new Map<NDArray, number>();
  /** The value behind a view that a loop over lanes has as a local. */
  const bases = new Map<NDArray, NDArray>();
  const baseOf = (x: NDArray): NDArray => bases.get(x) ?? x;

  // Cheap work on what is added or moved lane by lane is done there too.
  const wanted = new Set<NDArray>();
  /** The shapes of values that vectors compute, and what is cheap beside them. */
  const besides = new Set<string>();
  for (const { operation, inputs, params, outs } of graph.equations.slice().reverse()) {
    if (typeof operation !== "string") continue;
    const [out] = outs;
    if (vectorised.has(operation) && !isCheapOf(operation)) besides.add(String(out.shape));
    const passes = wanted.has(out) && (isCheapOf(operation) || primitives[operation].kind === "view");
    if (passes || isLanewise(operation, inputs, params, out, alone)) for (const x of inputs) wanted.add(x);
  }

  graph.inputs.forEach((x, index) => {
    places.set(x, inOrder(x, "input", index));
  });
  const placeOf = (x: NDArray): Place => {
    let place = places.get(x);
    if (place === undefined) {
      const { aval, storage, stride, offset } = x as Concrete;
      let buffer = constants.get(storage);
      if (buffer === undefined) {
        // This is a copy: other holders of the storage may write to it later.
        const data = storage.slice() as Data;
        buffer = { dtype: x.dtype, size: data.length, kind: "constant", index: buffers.length, data };
        buffers.push(buffer);
        constants.set(storage, buffer);
      }
      place = { aval, stride, offset, buffer };
      places.set(x, place);
    }
    return place;
  };
  const fresh = (x: NDArray, kind: "scratch" | "made" | "array"): Place => {
    const place = inOrder(x, kind, buffers.length);
    buffers.push(place.buffer);
    places.set(x, place);
    return place;
  };
  const written = (x: NDArray): Place => fresh(x, isLarge(x) ? "made" : "scratch");
  /** Buffers that must not lie in the vector kernels' memory. */
  const outside = new Set<Buffer>();
  const readIn = (at: number, inputs: readonly NDArray[]): void => {
    for (const x of inputs) if (local.get(x) !== at) stored.add(baseOf(x));
  };
  const keepOutside = (all: readonly Place[]): void => {
    for (const { buffer } of all) outside.add(buffer);
  };
  const push = (step: Step, ...outs: readonly Place[]): void => {
    for (const { buffer } of outs) writer.set(buffer, steps.length);
    steps.push(step);
  };
  /** The loop at this step computes one more value. */
  const append = <S extends { readonly out: NDArray }>(own: S[], step: S, at: number): void => {
    own.push(step);
    writer.set(written(step.out).buffer, at);
  };

  /** The loop for a step of this shape: one that is there already, if it comes late enough. */
  const loopFor = (
    kind: Loop["kind"],
    shape: readonly number[],
    inputs: readonly NDArray[],
    gathers = false,
    takes: (loop: Loop) => boolean = () => true,
  ): Loop => {
    const key = String(shape);
    const ready = Math.max(0, ...inputs.map((x) => writer.get(placeOf(x).buffer) ?? 0));
    for (let at = ready; at < steps.length; at++) {
      const step = steps[at];
      if (step.kind !== kind || String((step as Loop).shape) !== key || !takes(step as Loop)) continue;
      // A value that the loop itself computes is a local, unless it is seen in another order or is whole only after the loop.
      if (inputs.every((x) => writer.get(placeOf(x).buffer) !== at || (local.get(x) === at && !gathers))) return step as Loop;
    }
    const loop: Loop = { kind, shape, elements: [], folds: [] };
    steps.push(loop);
    return loop;
  };

  /** Returns whether a value is computed in a loop of this kind and shape. */
  const isIn = (x: NDArray, kind: Loop["kind"], shape: readonly number[]): boolean => {
    const at = local.get(x);
    const step = at === undefined ? undefined : steps[at];
    return step?.kind === kind && sameShape((step as Loop).shape, shape);
  };
  const isLarge = (x: NDArray): boolean => x.size > maxLoop;
  // Values that loops and vector kernels alone read and write lie in the memory of these, unless an operation may run another program there.
  let end = 0;

  const placed = mergedPlaces(graph);

  /** Returns whether a loop of tiles with one more step goes along all operands by whole lines. */
  const fits =
    (step: ElementStep | undefined, ...folds: readonly FoldStep[]) =>
    (loop: Loop): boolean => {
      if (loop.elements.length === maxTiled || (step && dtypeOf(step) !== dtypeOf(loop.elements[0]))) return false;
      const elements = step ? [...loop.elements, step] : loop.elements;
      return frameOf({ shape: loop.shape, elements, folds: [...loop.folds, ...folds] }, placeOf) !== undefined;
    };

  function place({ operation, inputs, params, outs }: Equation): void {
    const [out] = outs;
    if (typeof operation !== "string") {
      readIn(-1, inputs);
      const own = inputs.map(placeOf);
      const fill = own.every(isRowMajor) && operation.fill;
      const results = outs.map((x) => (fill ? written(x) : fresh(x, "array")));
      if (!fill) end = Infinity;
      keepOutside([...own, ...results]);
      const run = (arrays: ArrayList): ArrayList => operation.forward(arrays).map((x) => x.to("cpu"));
      push({ kind: "operation", run, fill, keeps: !fill && !operation.borrows, inputs: own, outs: results }, ...results);
      return;
    }
    const parts = placed.get(out);
    if (parts) {
      if (parts.length === 0) return;
      const values = parts.map(({ x }) => x);
      readIn(-1, [...values, ...parts.flatMap(({ into }) => into?.indices ?? [])]);
      const from = values.map(placeOf);
      const to = written(out);
      const all = parts.map(({ params, into }, i) => {
        const adds = i > 0;
        if (!into) return { ...partsOf("place", from.slice(i, i + 1), params, out.aval)[0], adds };
        const indices = placeOf(into.indices);
        const [stride, along] = gathering(to.stride, into.axis, indices.stride);
        return { from: from[i], to: { stride, offset: 0 }, adds, at: { indices, stride: along, step: to.stride[into.axis] } };
      });
      push({ kind: "copy", out: to, zero: values[0].size < out.size, parts: all }, to);
      return;
    }
    const step = { name: operation, params, inputs, out };
    const isTile = hasKernel(operation, inputs, out) && frameOf({ shape: out.shape, elements: [step], folds: [] }, placeOf) !== undefined;
    const isCheap = isCheapOf(operation);
    const isLane = isLanewise(operation, inputs, params, out, {
      isLocal: (x) => isIn(x, "lanes", [out.shape[0]]),
      isCheap,
      isTile: isTile && !wanted.has(out),
    });
    if (primitives[operation].kind === "view") {
      const from = placeOf(inputs[0]);
      const view = (views as Readonly<Record<string, AnyView>>)[operation](from, params, out.aval);
      if (view) places.set(out, { aval: out.aval, ...view, buffer: from.buffer });
      if (isLane) {
        const at = local.get(inputs[0]) as number;
        const { elements } = steps[at] as Loop;
        local.set(out, at);
        if (view) {
          elements.push(step);
          bases.set(out, baseOf(inputs[0]));
        } else append(elements, step, at);
        return;
      }
      readIn(-1, inputs);
      if (view) return;
      // A reshape that strides cannot say.
      const to = fresh(out, "scratch");
      push({ kind: "copy", out: to, parts: [{ from, to: { stride: inputs[0].aval.stride, offset: 0 } }] }, to);
      return;
    }
    if (operation === "sum" && isFloat(out.dtype) && isIn(inputs[0], "tiles", inputs[0].shape)) {
      const at = local.get(inputs[0]) as number;
      const loop = steps[at] as Loop;
      const fold: FoldStep = { name: operation, axes: (params as Params<"sum">).axes, input: inputs[0], out };
      if (fits(undefined, fold)(loop)) {
        append(loop.folds, fold, at);
        return;
      }
    }
    // A value that is made of a loop's own values belongs to that loop; one that lies in order goes through the vector kernels.
    const isLocal = isCheap && inputs.some((x) => isIn(x, "loop", out.shape));
    const isShort = isCheap && out.size <= maxShort && dtypeOf(step) === "float64" && !besides.has(String(out.shape));
    const isTiled = !isLane && !isLocal && isTile && !isShort;
    if (isLane || isTiled || (isElement(operation) && (!isLarge(out) || isCheap))) {
      // A gather reads anywhere: what it reads is whole before.
      const gathers = operation === "take";
      const kind = isLane ? "lanes" : isTiled ? "tiles" : "loop";
      const takes = isTiled ? fits(step) : hasRoom;
      const loop = loopFor(kind, isLane ? out.shape.slice(0, 1) : out.shape, inputs, gathers, takes);
      const at = steps.indexOf(loop);
      readIn(gathers ? -1 : at, inputs);
      append(loop.elements, step, at);
      local.set(out, at);
      return;
    }
    if (
      isFold(operation) &&
      (!isLarge(inputs[0]) || isIn(inputs[0], "loop", inputs[0].shape)) &&
      // A loop of no turns writes nothing.
      inputs[0].size > 0 &&
      inputs[0].size <= maxFold * Math.max(out.size, 1)
    ) {
      const { axes } = params as Params<"sum">;
      const loop = loopFor("loop", inputs[0].shape, inputs);
      const at = steps.indexOf(loop);
      readIn(at, inputs);
      append(loop.folds, { name: operation, axes, input: inputs[0], out }, at);
      return;
    }
    readIn(-1, inputs);
    const own = inputs.map(placeOf);
    if (operation === "matmul") {
      const to = written(out);
      const [m, n] = out.shape.slice(-2);
      const k = inputs[0].shape.at(-1) as number;
      if (m < 2 || n < 2 || m * n * k >= minSharedProduct) keepOutside([to, ...own]);
      push({ kind: "product", inputs: own as [Place, Place], out: to }, to);
    } else if ((operation === "concatenate" || operation === "place") && out.size <= maxCopied) {
      const to = fresh(out, "scratch");
      push({ kind: "copy", out: to, zero: operation === "place", parts: partsOf(operation, own, params, out.aval) }, to);
    } else {
      const to = fresh(out, "array");
      keepOutside([to, ...own]);
      // As eager code computes it: of large arrays with fusion, and storage that is used again.
      push({ kind: "operation", run: (arrays) => [rebind(operation, arrays, params)], inputs: own, outs: [to] }, to);
    }
  }

  for (const equation of graph.equations) place(equation);
  for (const x of graph.outputs) if (x) outside.add(placeOf(x).buffer);
  for (const buffer of new Set([...stored].map((x) => placeOf(x).buffer))) {
    const { dtype, size } = buffer;
    if (!writer.has(buffer) || outside.has(buffer) || !isFloat(dtype) || size < minInside || end + size > maxInside) continue;
    const first = reserve(8 * maxInside);
    if (first === undefined) break;
    Object.assign(buffer, { kind: "memory", index: (first + 8 * end) / bytesOf(dtype) });
    end += (size + 23) & -8;
  }
  const outputs = graph.outputs.map((x, index) => {
    if (!x) return undefined;
    stored.add(baseOf(x));
    const own = placeOf(x);
    const { buffer } = own;
    if (isWhole(own)) {
      // A small result of core's is copied, because the turns of a loop run on typed arrays where its body writes all of its results.
      if (buffer.kind === "array" && isLarge(x)) return own;
      if (buffer.kind === "scratch" || buffer.kind === "made") {
        buffer.kind = "output";
        buffer.index = index;
        return own;
      }
    }
    const to = inOrder(x, "output", index);
    steps.push({ kind: "copy", out: to, parts: [{ from: own, to }] });
    return to;
  });
  return { steps, places, buffers, outputs, stored, keeps: steps.some((step) => (step as OperationStep).keeps) };
}

/** Returns whether storage is made in each run. */
export const isMade = ({ kind }: Buffer): boolean => kind === "made" || kind === "array";

/** Returns whether a value is all of its buffer, in order. */
export const isWhole = ({ aval, stride, offset, buffer }: Place): boolean =>
  offset === 0 && buffer.size === aval.size && isRowMajor({ aval, stride, offset });

/** A place in a buffer of its own. */
const inOrder = ({ aval }: NDArray, kind: Buffer["kind"], index: number): Place => ({
  aval,
  stride: aval.stride,
  offset: 0,
  buffer: { dtype: aval.dtype, size: aval.size, kind, index },
});

/** Returns which parts of a result its operands become. */
export function partsOf<T extends { readonly aval: Aval }>(
  operation: "concatenate" | "place",
  own: readonly T[],
  params: unknown,
  out: Aval,
): { readonly from: T; readonly to: Strided }[] {
  if (operation === "concatenate") {
    const { axis } = params as Params<"concatenate">;
    let offset = 0;
    return own.map((from) => {
      const to = { stride: out.stride, offset };
      offset += from.aval.shape[axis] * out.stride[axis];
      return { from, to };
    });
  }
  const { starts, steps } = params as Params<"place">;
  const [from] = own;
  const offset = starts.reduce((sum, start, i) => sum + start * out.stride[i], 0);
  return [{ from, to: { stride: out.stride.map((stride, i) => stride * steps[i]), offset } }];
}

export type ElementName = NamesOf<"elementwise"> | "cast" | "select" | "take";
