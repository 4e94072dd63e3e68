import type { NDArray } from "../array/ndarray.js";
import { below, type Layout, type Strided, stepOf, views } from "../array/views.js";
import { Aval, type Data, type DType, sameShape } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import type { Host } from "../engine/host.js";
import type { View } from "../engine/kernels.js";
import type { Operation } from "../engine/operation.js";
import type { Kind, Params, Primitive, PrimitiveName } from "../engine/primitive.js";
import { Trace } from "../engine/trace.js";
import { primitives } from "../primitives/index.js";
import { erased } from "../primitives/lookup.js";
import { CpuArena, open } from "./arena.js";
import { Concrete } from "./concrete.js";
import { defer, isLarge, settle } from "./fusion.js";
import { copy } from "./kernels/copy.js";
import { kernels } from "./kernels/index.js";
import { limits } from "./limits.js";
import { inParts } from "./parts.js";
import { allocate } from "./storage.js";

type AnyView = (x: Layout, params: unknown, out: Aval) => Strided | undefined;
type AnyKernel = (inputs: readonly View<Data>[], params: unknown, out: Aval) => Data;

/** The facts about a primitive that the CPU asks for at every operation: they are looked up once. */
interface Known extends Primitive<Kind, unknown, unknown> {
  readonly view: AnyView | undefined;
  readonly kernel: AnyKernel;
}

/** A test that breaks a kernel deletes the entry of its primitive. */
export const known = new Map<PrimitiveName, Known>();

function look(name: PrimitiveName): Known {
  const found: Known = {
    ...erased<Primitive<Kind, unknown, unknown>>(primitives)[name],
    view: erased<AnyView | undefined>(views)[name],
    kernel: erased<AnyKernel>(kernels)[name],
  };
  known.set(name, found);
  return found;
}

/** The operands' shapes and dtypes, in one list for each number of operands: no shape rule keeps it. */
const avalsOf: Aval[][] = [];

/** The CPU as a device: the trace at level 0, where operations are computed. */
export class Cpu extends Trace implements Host {
  readonly name = "cpu";
  readonly dtypes: readonly DType[] = ["float64", "float32", "int32", "bool"];
  readonly kernels = kernels;

  /** @param asArray makes an array of JS data; it comes from outside, because it computes on this device */
  constructor(readonly asArray: Host["asArray"]) {
    super("cpu", true);
  }

  process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const operands = inputs as readonly Concrete[];
    const avals = (avalsOf[operands.length] ??= new Array<Aval>(operands.length));
    let most = 0;
    for (let i = 0; i < operands.length; i++) {
      const { owner, aval } = operands[i];
      if (owner !== this) return owner.process(name, inputs, params);
      avals[i] = aval;
      if (aval.size > most) most = aval.size;
    }
    const { kind, shape, view, kernel } = known.get(name) ?? look(name);
    const out = shape(avals, params);
    const place = view?.(operands[0], params, out);
    if (place) {
      const { storage } = operands[0];
      // A small slice is copied: a view would keep all of a large storage alive.
      return out.size <= maxCopied && storage.length > minShared && name === "slice"
        ? copied(out, storage, place)
        : new Concrete(out, storage, place.stride, place.offset);
    }
    const axes = kind === "elementwise" && out.size >= limits.vectors ? axesInStorage(operands, out) : undefined;
    if (axes) return inOrder(axes, out, operands, (inputs, aval) => kernel(inputs, params, aval));
    if (isLarge(Math.max(most, out.size))) {
      if (open === undefined) settle(operands);
      const later = open?.isLazy !== false && defer(name, operands, out, open, (inputs) => kernel(inputs, params, out));
      if (later) return new Concrete(out, undefined, out.stride, 0, later);
      const data = inParts(name, operands, params, out);
      if (data) return new Concrete(out, data);
    }
    // Operands that are lazy are computed now, before a kernel writes to the memory that WebAssembly shares with them.
    for (const x of operands) x.storage;
    return new Concrete(out, kernel(operands, params, out));
  }

  call(operation: Operation, inputs: readonly NDArray[]): readonly NDArray[] {
    return inputs.find((x) => x.owner !== this && operation.shape)?.owner.call(operation, inputs) ?? operation.forward(inputs);
  }

  filled(value: number, aval: Aval): NDArray {
    const storage = allocate(aval.dtype, 1);
    storage[0] = value;
    return new Concrete(aval, storage, (noStride[aval.ndim] ??= new Array<number>(aval.ndim).fill(0)));
  }

  put(x: NDArray): NDArray {
    return x.moved(undefined);
  }

  newArena(isLazy?: boolean, isWithin?: boolean): Arena {
    return new CpuArena((x) => x instanceof Concrete, isLazy, isWithin);
  }
}

/** The strides of an array of one value, by its rank. */
const noStride: number[][] = [];

/** The most elements of a slice that is copied, if its storage has more than `minShared` elements. */
const maxCopied = 64;
const minShared = 1 << 12;

function copied(aval: Aval, storage: Data, view: Strided): NDArray {
  const own = new Concrete(aval, allocate(aval.dtype, aval.size));
  copy(aval.shape, { storage, ...view }, own.storage, own);
  return own;
}

/** The axes from the outermost in storage on, where operands of one layout fill it without gaps, but not in rows; single numbers go along. */
function axesInStorage(operands: readonly Concrete[], { shape }: Aval): readonly number[] | undefined {
  let stride: readonly number[] | undefined;
  for (const x of operands) {
    const step = stepOf(x);
    if (step === 0) continue;
    if (step !== undefined || (stride && !sameShape(x.stride, stride))) return undefined;
    stride = x.stride;
  }
  if (stride === undefined) return undefined;
  const steps = stride;
  const axes = below(shape.length).sort((a, b) => steps[a] - steps[b]);
  let size = 1;
  for (const axis of axes) {
    if (steps[axis] !== size) return undefined;
    size *= shape[axis];
  }
  return axes.reverse();
}

/** An elementwise operation along storage; the result lies as its operands do. */
function inOrder(
  axes: readonly number[],
  out: Aval,
  operands: readonly Concrete[],
  compute: (inputs: readonly View<Data>[], aval: Aval) => Data,
): NDArray {
  const turned = <T>(list: readonly T[]): T[] => axes.map((axis) => list[axis]);
  const aval = new Aval(turned(out.shape), out.dtype);
  const inputs = operands.map((x) => new Concrete(new Aval(aval.shape, x.dtype), x.storage, turned(x.stride), x.offset));
  const stride = out.shape.map((_, axis) => aval.stride[axes.indexOf(axis)]);
  return new Concrete(out, compute(inputs, aval), stride);
}
