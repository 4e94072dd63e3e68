import type { NDArray } from "../array/ndarray.js";
import { type Layout, type Strided, views } from "../array/views.js";
import type { Aval, Data, DType } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import type { Host } from "../engine/host.js";
import type { View } from "../engine/kernels.js";
import type { Operation } from "../engine/operation.js";
import type { Kind, Params, Primitive, PrimitiveName } from "../engine/primitive.js";
import { Trace } from "../engine/trace.js";
import { primitives } from "../primitives/index.js";
import { erased } from "../primitives/lookup.js";
import { CpuArena, inArena, open } from "./arena.js";
import { Concrete } from "./concrete.js";
import { defer, isLarge, type LazyExpression, settle } from "./fusion.js";
import { copy } from "./kernels/copy.js";
import { kernels } from "./kernels/index.js";
import { storageOrder } from "./layout.js";
import { limits } from "./limits.js";
import { inParts } from "./parts.js";
import { allocate, compact, room } from "./storage.js";
import { joinRows } from "./wasm/tiles.js";

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
    if (name === "slice" && !operands[0].pending.data) layOut(operands[0], out);
    const place = view?.(operands[0], params, out);
    if (place) {
      const { storage } = operands[0];
      // A small slice is copied: a view would keep all of a large storage alive.
      return out.size <= maxCopied && storage.length > minShared && name === "slice"
        ? copied(out, storage, place)
        : new Concrete(out, storage, place.stride, place.offset);
    }
    const size = Math.max(most, out.size);
    const order = size >= limits.vectors ? storageOrder(kind, name, operands, out) : undefined;
    if (order) return this.#inOrder(order, name, operands, params);
    if (isLarge(size)) {
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

  /** An operation along storage; the result lies as its operands do. */
  #inOrder<P extends PrimitiveName>(order: readonly number[], name: P, operands: readonly NDArray[], params: Params<P>): NDArray {
    const turn = (x: NDArray, perm = order): NDArray => (x.ndim === order.length ? this.process("transpose", [x], { perm }) : x);
    const back = order.map((_, axis) => order.indexOf(axis));
    const own = params as Params<"concatenate">;
    const result = this.process(
      name,
      operands.map((x) => turn(x)),
      { ...own, axis: back[own.axis] } as Params<P>,
    );
    return turn(result, back);
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

/** Puts the columns of a concatenation that waits one behind the other, if some of them are what is read of it first. */
function layOut(x: Concrete, slice: Aval): void {
  const { shape, dtype, size } = x.aval;
  const [n, width] = shape;
  const { name, operands } = x.pending as LazyExpression;
  if (name !== "concatenate" || slice.shape[0] !== n) return;
  settle([x]);
  const columns = inArena(undefined, () => room(dtype, size));
  const widths = operands.map((y) => y.aval.shape[1]);
  if (joinRows(operands.map(compact), widths, columns, width, true)) x.adopt(columns, [1, n]);
}
