import type { NDArray } from "@ad/core";
import { views } from "@ad/core/internals/backend";
import type { Params } from "@ad/core/internals/trace";
import { folding } from "./axes.js";
import { baseOf, type Emitter, elementAt, elementOf, literal, nameOf } from "./emit.js";
import { isFold } from "./lanewise.js";
import { type AnyView, partsOf } from "./plan.js";
import { rounded } from "./scalars.js";
import type { ElementStep, Loop } from "./steps.js";

/** Positions of all elements in row-major order. */
const positions = (shape: readonly number[], stride: readonly number[], offset: number): number[] =>
  shape.reduce((all, n, axis) => all.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * stride[axis])), [offset]);

/** A zero beside a diagonal: what it is multiplied by counts as finite. */
const nothing = "0";

const zero = literal(0);
const one = literal(1);

/** The elements of one lane of a constant; of an identity, zeros that vanish. */
function literals(values: readonly number[]): string[] {
  const n = Math.sqrt(values.length);
  const isIdentity = n > 1 && values.every((value, i) => value === (i % (n + 1) === 0 ? 1 : 0));
  return values.map((value) => (isIdentity && value === 0 ? nothing : literal(value)));
}

/** Returns the text of an operation that needs no arithmetic. */
function trivial(name: string, [x, y]: readonly string[]): string | undefined {
  const isNone = (each: string): boolean => each === nothing || each === zero;
  if (name === "mul") return x === nothing || y === one ? x : y === nothing || x === one ? y : undefined;
  if (name === "add") return isNone(x) ? y : isNone(y) ? x : undefined;
  return x === nothing && /^(div|neg|cast)$/.test(name) ? x : undefined;
}

/** A loop over lanes. Each element of a lane is a local of its own, so that moves of elements, views and zeros cost nothing. */
export function lanes({ shape: [n], elements }: Loop, emitter: Emitter): string {
  const values = new Map<NDArray, readonly string[]>();
  const first: string[] = [];
  const lines: string[] = [];
  const known = new Map<string, string>();
  const named = (to: string[], expression: string): string => {
    let name = known.get(expression);
    if (name === undefined) {
      name = emitter.name();
      known.set(expression, name);
      to.push(`const ${name} = ${expression};`);
    }
    return name;
  };
  const load = (x: NDArray): readonly string[] => {
    const { buffer, offset, stride } = emitter.place(x);
    const [along, ...rest] = stride;
    const all = positions(x.shape.slice(1), rest, offset);
    const { data } = buffer;
    if (data && along === 0) return literals(all.map((at) => data[at]));
    return all.map((at) => named(along === 0 ? first : lines, elementAt(buffer, at, [along])));
  };
  const valueOf = (x: NDArray): readonly string[] => {
    const own = values.get(x) ?? load(x);
    values.set(x, own);
    return own;
  };

  const elementsOf = (step: ElementStep): readonly string[] => {
    const { name, params, inputs, out } = step;
    const inner = out.shape.slice(1);
    if (name === "take") {
      const x = emitter.place(inputs[0]);
      const [at] = valueOf(inputs[1]);
      const from = named(lines, `${baseOf(x.buffer)}${x.offset} + ${at} * ${x.stride[0]}`);
      return positions(inner, x.stride.slice(1), 0).map((each) => named(lines, `${nameOf(x.buffer)}[${from} + ${each}]`));
    }
    const own = inputs.map(valueOf);
    if (name in views) {
      const { aval } = inputs[0];
      const view = (views as Readonly<Record<string, AnyView>>)[name]({ aval, stride: aval.stride, offset: 0 }, params, out.aval);
      const { stride, offset } = view as NonNullable<typeof view>;
      return positions(inner, stride.slice(1), offset).map((at) => own[0][at]);
    }
    if (name === "concatenate" || name === "place") {
      const all = new Array<string>(out.size / n).fill(zero);
      partsOf(
        name,
        inputs.map((x) => emitter.place(x)),
        params,
        out.aval,
      ).forEach(({ from, to }, k) => {
        positions(from.aval.shape.slice(1), to.stride.slice(1), to.offset).forEach((at, i) => {
          all[at] = own[k][i];
        });
      });
      return all;
    }
    const total = (terms: readonly string[]): string => {
      const some = terms.filter((term) => term !== nothing);
      if (some.length < 2) return some[0] ?? nothing;
      return named(lines, rounded(some.join(" + "), out.dtype));
    };
    if (isFold(name)) {
      const { axes } = params as Params<"sum">;
      const [, ...stride] = folding(inputs[0].shape, axes, out.aval.stride);
      const parts = Array.from({ length: out.size / n }, (): string[] => []);
      positions(inputs[0].shape.slice(1), stride, 0).forEach((at, i) => {
        parts[at].push(own[0][i]);
      });
      return parts.map((terms) => (name === "sum" ? total(terms) : named(lines, `Math.${name}(${terms.join(", ")})`)));
    }
    return own[0].map((_, i) => {
      const operands = own.map((each) => each[i]);
      return trivial(name, operands) ?? named(lines, elementOf(step, operands, emitter.functions));
    });
  };

  for (const step of elements) {
    const own = elementsOf(step);
    const { out } = step;
    values.set(out, own);
    if (!emitter.plan.stored.has(out)) continue;
    const { buffer } = emitter.place(out);
    own.forEach((name, i) => {
      lines.push(`${elementAt(buffer, i, [own.length])} = ${name};`);
    });
  }
  return [...first, `for (let p0 = 0; p0 < ${n}; p0++) {`, ...lines, "}"].join("\n");
}
