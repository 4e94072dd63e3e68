import { arange, type Device, type NDArray, TransformError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { erased } from "@ad/core/internals/rules";
import {
  type Arena,
  type ArrayList,
  Aval,
  call,
  type Operation,
  observed,
  observers,
  type Params,
  type Parts,
  type PrimitiveName,
  primitives,
  Trace,
  Tracer,
  within,
} from "@ad/core/internals/trace";
import { elementwise, type Operands, repeated, rules } from "./rules.js";

/** All lanes of a mapped value; the function sees one lane's shape, the first axis of `value` is the batch. */
export class Batched extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: BatchTrace,
    readonly value: NDArray,
  ) {
    super();
    this.aval = new Aval(value.shape.slice(1), value.dtype, value.aval.weak);
  }

  get below(): NDArray {
    return this.value;
  }
}

/** An operation between the lanes of a batch; what comes out is the same in each of them. One array comes in, one goes out. */
export interface Collective extends Operation {
  readonly across: BatchTrace;
  /** From the values of all lanes, along the first axis. */
  readonly join: (lanes: NDArray) => NDArray;
}

/** The batches with a name whose functions are running, the innermost last. */
const named: BatchTrace[] = [];

/** The batch of an axis name: of several the innermost. */
export function batchOf(op: string, axisName: string): BatchTrace {
  if (axisName !== undefined && typeof axisName !== "string")
    throw new TransformError(`${op}: axisName is ${describe(axisName)}; give the name of one vmap around this call, a string.`);
  const batch = named.findLast((each) => each.axisName === axisName);
  if (batch) return batch;
  const names = [...new Set(named.map((each) => JSON.stringify(each.axisName)))].join(", ");
  throw new TransformError(
    `${op}: there is no vmap of axisName ${describe(axisName)} around this call; ${names ? `the names here are ${names}` : "no vmap around it has a name"}.`,
  );
}

/** Vectorisation: every operation is done once, for the whole batch. */
export class BatchTrace extends Trace<Batched> {
  /** The position of each lane. It is as old as the batch, so that it counts as closed over where a rule uses it. */
  readonly index: NDArray | undefined;

  constructor(
    kind: string,
    /** The number of lanes. */
    override readonly lanes: number,
    /** The name that collectives find it by. */
    readonly axisName: string | undefined,
    /** The device that its values live on. */
    readonly device: Device | undefined,
    /** Where no other trace sees its values. */
    override readonly arena?: Arena,
  ) {
    super(kind);
    if (axisName !== undefined) this.index = new Batched(this, arange(0, lanes, 1, { dtype: "int32", ...(device && { device }) }));
  }

  /** Runs a function of its values. */
  run<T>(f: () => T): T {
    if (this.axisName === undefined) return within(this, f);
    named.push(this);
    try {
      return within(this, f);
    } finally {
      named.pop();
    }
  }

  override parts({ value }: Batched): readonly NDArray[] {
    return [value];
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const operands: Operands = {
      values: inputs.map((x) => this.lower(x)),
      mapped: inputs.map((x) => this.owns(x)),
      size: this.lanes,
    };
    const { arena } = this;
    if (arena && !arena.isOver && !operands.values.every((x) => arena.own(x, true))) arena.giveUp();
    const outer = arena?.enter();
    try {
      const value =
        primitives[name].kind === "elementwise"
          ? elementwise(name, operands, params)
          : erased<(operands: Operands, params: unknown) => NDArray>(rules)[name](operands, params);
      return new Batched(this, value);
    } finally {
      arena?.leave(outer);
    }
  }

  /** By its own rule, or mapped: the operation whose every rule is the rule of this one for all lanes. A value that joins the lanes is the same in all. */
  override call(operation: Operation | Collective, inputs: ArrayList): ArrayList {
    const values = inputs.map((x) => this.lower(x));
    // Its rules see them, and may keep what they see.
    if (this.arena) for (const x of values) this.arena.keep(x);
    if ("join" in operation && operation.across === this) return values.map(operation.join);
    const mapped = inputs.map((x) => this.owns(x));
    const lift = (own: Operation = operation, along: readonly boolean[] = mapped): Operation => lifted(own, along, this);
    const outs = operation.vmap?.(values, mapped, this.lanes, lift) ?? call(lift(), values);
    const unmapped = operation.unmapped?.(mapped);
    return outs.map((out, i) => (unmapped?.[i] ? out : new Batched(this, out)));
  }
}

/** An operation for all lanes of a batch, each rule of it mapped. */
function lifted(operation: Operation, mapped: readonly boolean[], outer: BatchTrace): Operation {
  const { forward, jvp, vjp, name, record, closing } = operation;
  const size = outer.lanes;
  const lanesNow = (): BatchTrace => new BatchTrace(outer.kind, size, outer.axisName, outer.device);

  /**
   * Runs a rule for all lanes; every result gets the batch axis. Arrays that the rule closes over come in with their lanes, and so do those of
   * `before`, the lanes in which what it continues has run.
   */
  const inLanes = (values: Parts, mask: readonly boolean[], rule: (lanes: Parts) => Parts, trace = lanesNow(), before = outer): Parts => {
    const isOlder = (x: NDArray): x is Batched => outer.owns(x) || before.owns(x);
    const outs = trace.run(() =>
      observed(
        (_, inputs, run) => run(inputs.map((x) => (isOlder(x) ? new Batched(trace, x.value) : x))),
        true,
        () => rule(values.map((x, i) => (x !== undefined && mask[i] ? new Batched(trace, x) : x))),
      ),
    );
    return outs.map((out) => {
      if (out === undefined) return out;
      if (trace.owns(out) || isOlder(out)) return out.value;
      return repeated(out, size);
    });
  };
  const cut = <T>(list: readonly T[], at: number): [T[], T[]] => [list.slice(0, at), list.slice(at)];
  const yes = (list: Parts): boolean[] => list.map(() => true);

  return {
    name,
    ...(record && { record }),
    ...(closing && { closing }),
    forward: (inputs) => inLanes(inputs, mapped, (lanes) => forward(lanes as ArrayList)) as ArrayList,
    jvp:
      jvp &&
      ((inputs, tangents, push) => {
        let count = 0;
        const both = inLanes([...inputs, ...tangents], [...mapped, ...mapped], (lanes) => {
          const [outs, pushed] = jvp(...(cut(lanes, inputs.length) as [ArrayList, Parts]), push);
          count = outs.length;
          return [...outs, ...pushed];
        });
        return cut(both, count) as [ArrayList, Parts];
      }),
    // The rule runs now: later, variables that it closes over may be others. Its pullback goes on in lanes of its own, observed as now.
    vjp:
      vjp &&
      ((inputs, active) => {
        const asNow = observers();
        const first = lanesNow();
        let back: (cotangents: Parts) => Parts = () => [];
        const rule = (lanes: Parts): Parts => {
          const [outs, pull] = vjp(lanes as ArrayList, active);
          back = pull;
          return outs;
        };
        const outs = inLanes(inputs, mapped, rule, first) as ArrayList;
        const pull = (cotangents: Parts): Parts =>
          inLanes(cotangents, yes(cotangents), back, lanesNow(), first).map((part, i) =>
            part === undefined || mapped[i] ? part : part.sum(0),
          );
        return [outs, (cotangents) => asNow(() => pull(cotangents))];
      }),
  };
}
