import type { Device, NDArray } from "@ad/core";
import { cpu } from "@ad/core/internals/backend";
import { erased, partialsOf, passed, weighed } from "@ad/core/internals/rules";
import {
  type ArrayList,
  type Aval,
  bind,
  type ControlFlow,
  call,
  isFloat,
  type Operation,
  type Params,
  type Parts,
  type PrimitiveName,
  type Push,
  peek,
  primitives,
  stager,
  Trace,
  Tracer,
  within,
} from "@ad/core/internals/trace";
import { ints } from "../numbers.js";
import { programOf } from "../recording.js";
import { looking } from "./looking.js";
import { restaged } from "./restaged.js";
import { asNames, data, Joined, kept, type Names, type Operands, over, rules } from "./rules.js";
import { EMPTY, Sets } from "./sets.js";

/** A value with the set of inputs that each of its elements depends on. */
export class Reached extends Tracer {
  constructor(
    readonly owner: SparsityTrace,
    readonly aval: Aval,
    /** Any array on its device. */
    readonly like: NDArray,
    readonly joined: Joined | undefined,
    /** The value at the point; undefined where the pattern is one for all points. */
    readonly below: NDArray | undefined,
  ) {
    super();
  }

  override peer(): NDArray {
    return this.below ?? this.like;
  }
  override moved(device: Device = cpu): NDArray {
    if (device === this.device) return this;
    const like = this.below?.to(device) ?? this.like.filled(0, this.aval).to(device);
    return new Reached(this.owner, this.aval, like, this.joined, this.below && like);
  }
}

type AnyShape = (avals: readonly Aval[], params: unknown) => Aval;
const shapeOf = (name: PrimitiveName, avals: readonly Aval[], params: unknown): Aval =>
  erased<{ readonly shape: AnyShape }>(primitives)[name].shape(avals, params);

const avalsOf = (inputs: ArrayList): Aval[] => inputs.map((x) => x.aval);

/**
 * Carries sets of inputs through every operation. Without numbers, what comes out holds at every point; with the numbers of a point, factors that are
 * zero there, and what is not chosen there, are left out.
 */
export class SparsityTrace extends Trace<Reached> {
  override readonly remedy = "Choose with where(condition, a, b) or cond instead of if.";
  /** The operations of which no more is known than that everything may depend on everything. */
  readonly dense: string[] = [];
  /** The number of bytes that all values take. */
  bytes = 0;
  /** The operations whose rules are at work. */
  readonly #pushing = new Set<Operation>();

  constructor(
    kind: string,
    readonly sets: Sets,
    readonly atPoint: boolean,
  ) {
    super(kind);
  }

  /** An input whose first element is this one of all. */
  input(x: NDArray, first: number): NDArray {
    const names = ints(x.size, (i) => first + i + 1);
    return this.of(x.aval, x, asNames(names, x.shape), x);
  }

  /** A value that the inputs do not change, and of which no more is known than its shape. */
  unknown(x: NDArray): NDArray {
    return this.of(x.aval, x, undefined, x);
  }

  namesOf(x: NDArray): Names {
    return this.#joinedOf(x)?.names;
  }

  #joinedOf(x: NDArray): Joined | undefined {
    return this.owns(x) ? x.joined : undefined;
  }

  #joined(...parts: readonly NDArray[]): Joined {
    return new Joined(this.sets, parts);
  }

  of(aval: Aval, like: NDArray, names: Names, below: NDArray | undefined): NDArray {
    return new Reached(
      this,
      aval,
      like.filled(0, aval),
      names && isFloat(aval.dtype) ? this.#joined(names) : undefined,
      this.atPoint ? below : undefined,
    );
  }

  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    const avals = avalsOf(inputs);
    const below = this.atPoint
      ? bind(
          name,
          inputs.map((x) => this.lower(x)),
          params,
        )
      : undefined;
    const aval = below?.aval ?? shapeOf(name, avals, params);
    return this.#made(inputs, aval, isFloat(aval.dtype) ? this.#after(name, inputs, avals, aval, below, params) : undefined, below);
  }

  #made(inputs: ArrayList, aval: Aval, joined: Joined | undefined, below: NDArray | undefined): NDArray {
    const own = inputs.find((x) => this.owns(x)) as Reached;
    if (joined !== undefined) this.bytes += aval.size * (aval.dtype === "float64" ? 8 : 4);
    return new Reached(this, aval, own.like, joined, below);
  }

  #after(
    name: PrimitiveName,
    inputs: ArrayList,
    avals: readonly Aval[],
    out: Aval,
    below: NDArray | undefined,
    params: unknown,
  ): Joined | undefined {
    const joined = inputs.map((x) => this.#joinedOf(x));
    const partials = partialsOf(name);
    const given = partials ? joined.map((x, i) => (partials[i] === 0 ? undefined : x)) : joined;
    if (given.every((x) => x === undefined)) return undefined;
    const { kind } = primitives[name];
    const values = inputs.map((x) => this.lower(x));
    const passing = (i: number): NDArray | undefined => {
      if (below === undefined) return undefined;
      if (kind === "elementwise") return mask(passed(name, i, below.filled(1, below.aval), values, below, params), out);
      return kind === "reduction" ? mask(weighed(name, values[0].filled(1, avals[0]), values, below, params), avals[0]) : undefined;
    };
    if (kind === "elementwise")
      return this.#joined(
        ...given.flatMap((own, i) => {
          const passes = own && passing(i);
          return passes ? [kept(own.names, passes)] : (own?.parts ?? []);
        }),
      );
    const operands: Operands = {
      sets: this.sets,
      names: given.map((own) => own?.names),
      avals,
      out,
      known: (i) => this.#known(inputs[i]),
      passing,
      nonzero: (i) => (below === undefined ? undefined : (mask(values[i], avals[i])?.data() as Uint8Array | undefined)),
    };
    if (kind === "reduction") return this.#joined(over(operands, params as Params<"max">));
    return this.#joined(erased<(operands: Operands, params: unknown) => NDArray>(rules)[name](operands, params));
  }

  /** The numbers of a value that has the same wherever the function is evaluated. */
  #known(x: NDArray): NDArray | undefined {
    const peeked = peek(this.lower(x));
    return peeked && peeked.batches.length === 0 ? peeked.values : undefined;
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const { jvp, vjp, shape, composed, flow } = operation;
    if (composed) return composed(inputs);
    if (flow) return restaged(operation as ControlFlow, stager ?? looking, inputs);
    if (shape) return this.#whole(operation, inputs);
    const isConstant = inputs.every((x) => this.namesOf(x) === undefined);
    // A linear operation pushes tangents through itself.
    if (isConstant || programOf(operation) || !(jvp || vjp) || this.#pushing.has(operation)) return operation.forward(inputs);
    // Where a derivative is found as the result is, as that of a solution is, its rule leads to another one like it, without end.
    if ([...this.#pushing].filter(({ name }) => name === operation.name).length > 1) return this.#whole(operation, inputs);
    this.#pushing.add(operation);
    try {
      return jvp ? this.#pushed(jvp, inputs) : this.#pulled(vjp as NonNullable<typeof vjp>, inputs);
    } finally {
      this.#pushing.delete(operation);
    }
  }

  /** Numbers are computed all at once: every element of a block of the results depends on all that its block of the inputs depends on. */
  #whole(operation: Operation, inputs: ArrayList): ArrayList {
    const lowered = inputs.map((x) => this.lower(x));
    const belows = this.atPoint ? call(operation, lowered) : undefined;
    const { block, shape } = operation;
    const avals = belows
      ? avalsOf(belows)
      : shape
        ? shape(avalsOf(inputs))
        : avalsOf(operation.forward(inputs.map((x) => this.#constant(x))));
    if (block === undefined) this.dense.push(operation.name);
    const batchOf = (aval: Aval): readonly number[] => (block === undefined ? [] : aval.shape.slice(0, aval.ndim - block));
    const count = batchOf(inputs[0].aval).reduce((n, size) => n * size, 1);
    const unions = new Int32Array(count);
    for (const x of inputs) {
      const names = this.namesOf(x);
      if (names === undefined || x.size === 0) continue;
      const all = data(names);
      const each = all.length / count;
      for (let b = 0; b < count; b++) unions[b] = this.sets.union(unions[b], this.sets.unionOf(all, b * each, each));
    }
    const isConstant = unions.every((name) => name === EMPTY);
    return avals.map((aval, i) => {
      const each = aval.size / (count || 1);
      const names = isConstant || !isFloat(aval.dtype) ? undefined : ints(aval.size, (at) => unions[Math.floor(at / each)]);
      return this.#made(inputs, aval, names && this.#joined(asNames(names, aval.shape)), belows?.[i]);
    });
  }

  /** The same value, which the inputs do not change. */
  #constant(x: NDArray): NDArray {
    return this.owns(x) ? new Reached(this, x.aval, x.like, undefined, x.below) : x;
  }

  /** A tangent that brings a value's sets along. */
  #tangent(x: NDArray): NDArray | undefined {
    const names = this.namesOf(x);
    return names && this.of(x.aval, (x as Reached).like, names, this.atPoint ? x.filled(1, x.aval) : undefined);
  }

  /** A value without sets of its own, and with those that its tangent brings. */
  #moved(x: NDArray, tangent: NDArray | undefined): NDArray {
    return this.#with(this.#constant(x), tangent && this.namesOf(tangent));
  }

  readonly #push: Push = (f, inputs, tangents) => {
    const outs = f(inputs.map((x, i) => this.#moved(x, tangents[i])));
    return [outs.map((x) => this.#constant(x)), outs.map((x) => this.#tangent(x))];
  };

  /** A rule for tangents is linear in them, so they bring the sets through it. */
  #pushed(jvp: NonNullable<Operation["jvp"]>, inputs: ArrayList): ArrayList {
    const [outs, pushed] = jvp(
      inputs.map((x) => this.#constant(x)),
      inputs.map((x) => this.#tangent(x)),
      this.#push,
    );
    return outs.map((out, i) => this.#moved(out, pushed[i]));
  }

  #with(out: NDArray, names: Names): NDArray {
    if (names === undefined) return out;
    return this.of(out.aval, this.owns(out) ? out.like : out, names, this.lower(out));
  }

  /** A pullback tells which elements of the results come back to each element of the inputs. */
  #pulled(vjp: NonNullable<Operation["vjp"]>, inputs: ArrayList): ArrayList {
    const [outs, pull] = vjp(inputs.map((x) => this.#constant(x)));
    const starts: number[] = [];
    const total = outs.reduce((n, out) => {
      starts.push(n);
      return n + (isFloat(out.dtype) ? out.size : 0);
    }, 0);
    const back = new SparsityTrace(this.kind, new Sets(total), this.atPoint);
    const parts: Parts = within(back, () =>
      pull(outs.map((out, i) => (isFloat(out.dtype) ? back.input(out.filled(1, out.aval), starts[i]) : undefined))),
    );
    const reached: number[][] = Array.from({ length: total }, () => []);
    inputs.forEach((x, i) => {
      const [names, part] = [this.namesOf(x), parts[i]];
      const origins = part && back.namesOf(part);
      if (names === undefined || origins === undefined) return;
      const [own, from] = [data(names), data(origins)];
      own.forEach((name, at) => {
        if (name !== EMPTY) for (const o of back.sets.elements(from[at])) reached[o].push(name);
      });
    });
    const all = Int32Array.from(reached, (names) => this.sets.unionOf(Int32Array.from(names)));
    return outs.map((out, i) =>
      isFloat(out.dtype) ? this.#with(out, asNames(all.slice(starts[i], starts[i] + out.size), out.shape)) : out,
    );
  }
}

/** Returns where a factor is not zero, in some lane where transformations outside batch; undefined where its numbers are not known. */
function mask(factor: NDArray | undefined, { shape }: Aval): NDArray | undefined {
  const peeked = factor === undefined ? undefined : peek(factor.notEqual(0));
  if (factor === undefined) return asNames(new Int32Array(shape.reduce((n, size) => n * size, 1)), shape).astype("bool");
  if (peeked === undefined) return undefined;
  const { values, batches } = peeked;
  return batches.length > 0 ? values.any(batches.map((_, axis) => axis)) : values;
}
