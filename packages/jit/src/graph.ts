import type { DType, NDArray, Passed } from "@ad/core";
import { type AnyFunction, checkFunction } from "@ad/core/internals/checks";
import {
  arraysOf,
  type Equation,
  type Graph,
  lastUses,
  Names,
  nameOf,
  type Params,
  type Parts,
  paramsOf,
  primitives,
  showGraph,
} from "@ad/core/internals/trace";
import type { Loop } from "./control/loop.js";
import { staged } from "./jit.js";
import { isThere } from "./lists.js";
import { cleanThroughout } from "./passes/index.js";

/** A value of a program: a variable, or a constant. */
export interface GraphValue {
  /** A letter; for a constant its number, or its dtype and shape. */
  readonly name: string;
  /** The type of its elements. */
  readonly dtype: DType;
  /** The length of each axis. */
  readonly shape: readonly number[];
}

/** One line of a program. */
export interface GraphEquation {
  /** The name of the operation. */
  readonly operation: string;
  /** Its parameters, such as the axes of a sum; of an operation of linear algebra the options that are not the usual ones. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The values that it reads. */
  readonly inputs: readonly GraphValue[];
  /** The values that it defines. */
  readonly outputs: readonly GraphValue[];
  /** The programs that the operation holds: branches, or the test and the body of a loop. */
  readonly programs: readonly GraphProgram[];
}

/** The cost of one run of a program; each number is counted from shapes alone. */
export interface GraphCost {
  /**
   * One for each element that an elementwise operation or a reduction reads or writes, whichever is more; two for each term of a product's
   * sums. A scan counts its body for each step, a loop its test and body once, as its turns are not known, a choice its dearest branch.
   * Views and moves of elements are free.
   */
  readonly flops: number;
  /** Bytes that are read and written if each operation but views reads its operands and writes its results once; fused loops move fewer. */
  readonly bytes: number;
  /** The most bytes that inputs, constants, results and what is between hold at a time, each let go after its last use; views hold none. */
  readonly peakBytes: number;
  /** Operations that are called as they are, and of which bytes alone are counted: factorisations and what users define. */
  readonly opaque: number;
}

const bytesPer: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int32: 4, bool: 1 };
const bytesOf = ({ dtype, size }: NDArray): number => bytesPer[dtype] * size;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const isView = ({ operation }: Equation): boolean => typeof operation === "string" && primitives[operation].kind === "view";
const movements: readonly string[] = ["place", "concatenate", "select", "cast", "take", "lastWriter"];

type Work = Omit<GraphCost, "peakBytes">;

/** Returns what an operation costs that holds programs, or none. */
function workOf(equation: Equation): Work {
  const { operation, inputs, outs } = equation;
  if (isView(equation)) return { flops: 0, bytes: 0, opaque: 0 };
  const bytes = sum([...inputs, ...outs].map(bytesOf));
  if (typeof operation === "string") {
    const most = Math.max(...[...inputs, ...outs].map(({ size }) => size));
    const flops = operation === "matmul" ? 2 * outs[0].size * (inputs[0].shape.at(-1) as number) : movements.includes(operation) ? 0 : most;
    return { flops, bytes, opaque: 0 };
  }
  const all = (operation.programs ?? []).map(workIn);
  if (all.length === 0) return { flops: 0, bytes, opaque: 1 };
  const total = (key: keyof Work): number => sum(all.map((work) => work[key]));
  const most = (key: keyof Work): number => Math.max(...all.map((work) => work[key]));
  if (operation.flow === "scan") {
    const length = (operation as Loop).length as number;
    return { flops: length * total("flops"), bytes: length * total("bytes"), opaque: total("opaque") };
  }
  const count = operation.flow === "choose" ? most : total;
  return { flops: count("flops"), bytes: count("bytes"), opaque: total("opaque") };
}

function workIn({ equations }: Graph): Work {
  const all = equations.map(workOf);
  return {
    flops: sum(all.map(({ flops }) => flops)),
    bytes: sum(all.map(({ bytes }) => bytes)),
    opaque: sum(all.map(({ opaque }) => opaque)),
  };
}

/** The most bytes that are held at a time. */
function peakOf({ inputs, equations, outputs }: Graph): number {
  /** A view is held by what it is a view of. */
  const base = new Map<NDArray, NDArray>();
  const baseOf = (x: NDArray): NDArray => base.get(x) ?? x;
  for (const equation of equations) if (isView(equation)) base.set(equation.outs[0], baseOf(equation.inputs[0]));
  const last = lastUses(equations, ({ inputs: own }) => own.map(baseOf));
  const stays = new Set([...inputs, ...outputs.filter(isThere)].map(baseOf));
  const defined = new Set([...inputs, ...equations.flatMap(({ outs }) => outs)]);
  for (const x of equations.flatMap((equation) => equation.inputs)) if (!defined.has(x)) stays.add(x);
  const made = new Set(equations.flatMap((equation) => (isView(equation) ? [] : equation.outs)));
  let held = sum([...stays].filter((x) => !made.has(x)).map(bytesOf));
  let peak = held;
  equations.forEach((equation, at) => {
    if (isView(equation)) return;
    const { operation, inputs: own, outs } = equation;
    held += sum(outs.map(bytesOf));
    const inner = typeof operation === "string" ? [] : (operation.programs ?? []);
    const more = inner.map((program) => peakOf(program) - sum([...program.inputs, ...program.outputs.filter(isThere)].map(bytesOf)));
    peak = Math.max(peak, held + Math.max(0, ...more));
    const over = [...new Set([...own.map(baseOf), ...outs])];
    held -= sum(over.filter((x) => made.has(x) && !stays.has(x) && (last.get(x) ?? at) === at).map(bytesOf));
  });
  return peak;
}

/**
 * A program that can be looked at: what {@link graph} gives.
 *
 * @example
 * const program = graph((x: NDArray) => x.mul(x).sum())(array([1, 2]));
 * program.equations.map(({ operation }) => operation); // ["mul", "sum"]
 */
export class GraphProgram {
  readonly #graph: Graph;
  readonly #names: Names;
  readonly #text: string;

  /** @internal */
  constructor(
    graph: Graph,
    /** The program as it was traced, before its passes; of the programs inside, and of itself, undefined. */
    readonly before?: GraphProgram,
    names = new Names(),
  ) {
    this.#graph = graph;
    this.#names = names;
    this.#text = showGraph(graph, names);
  }

  /** The values that the program is given. */
  get inputs(): readonly GraphValue[] {
    return this.#values(this.#graph.inputs);
  }

  /** A result that is a zero which was never made is left out. */
  get outputs(): readonly GraphValue[] {
    return this.#values(this.#graph.outputs);
  }

  /** They stand in the order in which they can be run. */
  get equations(): readonly GraphEquation[] {
    return this.#graph.equations.map((equation) => {
      const { operation, inputs, outs } = equation;
      const programs = (typeof operation !== "string" && operation.programs) || [];
      return {
        operation: nameOf(equation),
        params: (paramsOf(equation) ?? {}) as Params<"sum"> & Record<string, unknown>,
        inputs: this.#values(inputs),
        outputs: this.#values(outs),
        programs: programs.map((program) => new GraphProgram(program, undefined, this.#names)),
      };
    });
  }

  /** Flops, bytes moved and the most bytes held: {@link GraphCost} says how each is counted. */
  cost(): GraphCost {
    return { ...workIn(this.#graph), peakBytes: peakOf(this.#graph) };
  }

  /** A line for each equation, `c: float64[3] = mul a b`; the programs of branches and loops follow their operation, further in. */
  toString(): string {
    return this.#text;
  }

  /** The program as a drawing, for Graphviz and what else reads its language. */
  toDot(): string {
    const lines: string[] = [];
    const ids = new Map<NDArray, string>();
    let next = 0;
    const node = (label: string, shape: string): string => {
      const id = `n${next++}`;
      lines.push(`  ${id} [label=${JSON.stringify(label)}, shape=${shape}];`);
      return id;
    };
    const idOf = (x: NDArray): string => {
      const id = ids.get(x) ?? node(this.#names.of(x), "plaintext");
      ids.set(x, id);
      return id;
    };
    const draw = ({ inputs, equations, outputs }: Graph): void => {
      for (const x of inputs) ids.set(x, node(this.#names.define(x), "ellipse"));
      for (const equation of equations) {
        const from = equation.inputs.map(idOf);
        const id = node([nameOf(equation), ...equation.outs.map((x) => this.#names.define(x))].join("\n"), "box");
        for (const input of from) lines.push(`  ${input} -> ${id};`);
        for (const out of equation.outs) ids.set(out, id);
        for (const program of (typeof equation.operation !== "string" && equation.operation.programs) || []) {
          lines.push(`  subgraph cluster${next++} {`, `  label=${JSON.stringify(nameOf(equation))};`);
          draw(program);
          lines.push("  }");
        }
      }
      for (const x of outputs.filter(isThere)) lines.push(`  ${idOf(x)} -> ${node("return", "plaintext")};`);
    };
    draw(this.#graph);
    return ["digraph {", ...lines, "}"].join("\n");
  }

  #values(values: Parts): GraphValue[] {
    return values.filter(isThere).map((x) => ({ name: this.#names.of(x), dtype: x.dtype, shape: x.shape }));
  }
}

/**
 * The program that jit makes of a function for arguments like these, to be looked at: after its passes, and `before` them. Nothing is
 * computed but what depends on constants alone.
 *
 * @param f a function as jit takes it
 * @returns from arguments as f takes them (numbers too; of arrays their shapes and dtypes count alone) to the program
 * @throws TransformError where f is no function, or looks at a traced number; TreeError where f's result is no tree of arrays
 * @example
 * const program = graph((x: NDArray) => x.mul(1).sin().sum())(array([1, 2]));
 * program.toString().split("\n")[1]; // "  b: float64[2] = sin a"
 * program.equations.length; // 2
 * program.cost().flops; // 4
 */
export function graph<A extends readonly unknown[] = NDArray[], R = NDArray>(f: (...args: A) => R): (...args: Passed<A>) => GraphProgram;
export function graph(f: AnyFunction): (...args: readonly unknown[]) => GraphProgram {
  checkFunction("graph", f);
  return (...args) => {
    const { graph: own } = staged("graph", f, args, arraysOf(args, "graph"));
    return new GraphProgram(cleanThroughout(own), new GraphProgram(own));
  };
}
