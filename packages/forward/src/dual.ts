import type { NDArray } from "@ad/core";
import { erased, passed, weighed } from "@ad/core/internals/rules";
import {
  type ArrayList,
  type Aval,
  bind,
  isFloat,
  type Operation,
  type Params,
  type Parts,
  type PrimitiveName,
  type Push,
  primitives,
  rebind,
  Trace,
  Tracer,
  transposeLinear,
  within,
} from "@ad/core/internals/trace";
import { rules } from "./rules.js";

/** The tangent rules of structured operations, by any name. */
type AnyRule = (inputs: ArrayList, tangents: Parts, out: NDArray, params: unknown) => NDArray;

/** A value with its tangent. A value whose tangent is zero is no dual: it is a constant. */
export class Dual extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: ForwardTrace,
    readonly primal: NDArray,
    readonly tangent: NDArray,
  ) {
    super();
    this.aval = primal.aval;
  }

  get below(): NDArray {
    return this.primal;
  }
}

/** Forward mode: every operation is done on the values, and linearised on the tangents. */
export class ForwardTrace extends Trace<Dual> {
  constructor(kind: string) {
    super(kind);
  }

  override parts({ primal, tangent }: Dual): readonly NDArray[] {
    return [primal, tangent];
  }

  /** Undefined is a zero that is never made. */
  tangentOf(x: NDArray): NDArray | undefined {
    return this.owns(x) ? x.tangent : undefined;
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const primals = inputs.map((x) => this.lower(x));
    const out = bind(name, primals, params);
    if (!isFloat(out.dtype)) return out;
    const tangent = push(
      name,
      primals,
      inputs.map((x) => this.tangentOf(x)),
      out,
      params,
    );
    return tangent === undefined ? out : new Dual(this, out, tangent);
  }

  /** By its rule for tangents, or by transposing its pullback; what has neither is made of operations. */
  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const { jvp, vjp, name } = operation;
    if (!jvp && !vjp) return operation.forward(inputs);
    const primals = inputs.map((x) => this.lower(x));
    const tangents = inputs.map((x) => this.tangentOf(x));
    const [outs, pushed] = jvp ? jvp(primals, tangents, pushFunction(this.kind)) : pushThrough(name, (vjp as Vjp)(primals), tangents);
    return outs.map((out, i) => {
      const tangent = pushed[i];
      return tangent === undefined || !isFloat(out.dtype) ? out : new Dual(this, out, tangent);
    });
  }
}

/** Forward mode through a function of arrays, for operations that hold programs. */
const pushFunction =
  (kind: string): Push =>
  (f, inputs, tangents) => {
    const trace = new ForwardTrace(kind);
    const outs = within(trace, () => f(inputs.map((x, i) => (tangents[i] ? new Dual(trace, x, tangents[i]) : x))));
    return [outs.map((x) => trace.lower(x)), outs.map((x) => trace.tangentOf(x))];
  };

type Vjp = NonNullable<Operation["vjp"]>;

/** J·t from a pullback: it is linear in the cotangents, and its transpose is J. */
function pushThrough(name: string, [outs, pull]: ReturnType<Vjp>, tangents: Parts): readonly [ArrayList, Parts] {
  const at = outs.map((_, i) => i).filter((i) => isFloat(outs[i].dtype));
  const cotangents = new Array<NDArray | undefined>(outs.length);
  const { pull: push } = transposeLinear(
    name,
    (given) => {
      at.forEach((i, k) => {
        cotangents[i] = given[k];
      });
      return pull(cotangents);
    },
    at.map((i) => outs[i]),
  );
  const pushed = push(tangents);
  return [outs, outs.map((_, i) => pushed[at.indexOf(i)])];
}

/** The tangent of a result, by the kind of the operation. */
function push(
  name: PrimitiveName,
  inputs: readonly NDArray[],
  tangents: readonly (NDArray | undefined)[],
  out: NDArray,
  params: unknown,
): NDArray | undefined {
  const apply = (operands: readonly NDArray[]): NDArray => rebind(name, operands, params);
  switch (primitives[name].kind) {
    case "elementwise":
      return total(tangents.map((t, i) => t && passed(name, i, t, inputs, out, params)));
    case "view":
    case "linear":
      // Operands that are not floating (indices, conditions) are no part of the linear map.
      return apply(inputs.map((x, i) => tangents[i] ?? (isFloat(x.dtype) ? x.filled(0, x.aval) : x)));
    case "bilinear": {
      const [x, y] = inputs;
      const [tx, ty] = tangents;
      return total([tx && apply([tx, y]), ty && apply([x, ty])]);
    }
    case "reduction": {
      const [t] = tangents;
      const { axes } = params as Params<"max">;
      return t && bind("sum", [weighed(name, t, inputs, out, params)], { axes });
    }
    case "structured":
      return erased<AnyRule>(rules)[name](inputs, tangents, out, params);
    case "discrete":
      return undefined;
  }
}

function total(parts: readonly (NDArray | undefined)[]): NDArray | undefined {
  return parts.reduce((sum, part) => (sum === undefined ? part : part === undefined ? sum : sum.add(part)), undefined);
}
