import type { Layout } from "@ad/core/internals/backend";
import { isWhole, steps } from "../engine/planning.js";
import type { GpuView, LazyExpression, Storage } from "../engine/storage.js";
import type { Form } from "../engine/texture.js";
import { prelude, type Type, wideOf } from "./glsl/define.js";
import { sources } from "./glsl/library.js";
import { operatorOf } from "./glsl/operators.js";

/** The number of elements that a function of an index gives: one, or the four of a texel. */
export type Width = 1 | 4;

/** Writes a program, given for each operand the name of the function of its elements. A lazy operand is written out in that function. */
export type Write = (emitter: Emitter, values: readonly ((width: Width) => string)[]) => string;

/**
 * A uniform that is known once all textures are there: those that the program reads, the first that it writes, and from which elements on
 * the former are read.
 */
type Late = (inputs: readonly Form[], output: Form, bases: readonly number[]) => number;

/** A uniform: its value, or what has its value when the program is drawn. */
export type Uniform = number | Late | Storage;

interface Axis {
  n: number;
  readonly step: number;
}

/** The axes of a layout, joined where one step leads through both. */
function axesOf({ aval, stride }: Layout): Axis[] {
  const axes: { n: number; step: number }[] = [];
  aval.shape.forEach((n, i) => {
    if (n === 1) return;
    const last = axes[axes.length - 1];
    if (last && last.step === stride[i] * n) {
      last.n *= n;
      last.step = stride[i];
    } else axes.push({ n, step: stride[i] });
  });
  return axes;
}

export const typeOf = (storage: Storage): Type => storage.place.kind;

/** Writes a program: functions from the index of an element to its value, and the uniforms and textures that they read. */
export class Emitter {
  readonly textures: Storage[] = [];
  readonly ints: Uniform[] = [];
  readonly floats: Uniform[] = [];
  /** Whether there are uniforms that each run of a command list gives anew. */
  varies = false;
  readonly #library = new Set<string>();
  readonly #functions: string[] = [];
  readonly #known = new Map<string, string>();
  /** The names of functions that kernels have chosen, and how often. */
  readonly #named = new Map<string, number>();
  #count = 0;
  /** Whether the programs that are written are parts of one. */
  #isPart = false;
  /** The function that the result goes through before it is stored, and its type then. */
  #end: { readonly name: string; readonly gives: Type } | undefined;

  /** Lets the result go through an expression, in which it stands for a storage. */
  end(from: Storage, expression: GpuView): void {
    this.#end = { name: this.value(expression, 4, from), gives: typeOf(expression.storage) };
  }

  /** The name of a uniform int. */
  int(value: Uniform): string {
    return `n${this.ints.push(value) - 1}`;
  }

  float(value: Uniform): string {
    return `f${this.floats.push(value) - 1}`;
  }

  /** Functions of the library that the program's own text calls. */
  need(...names: readonly string[]): void {
    for (const name of names) this.#library.add(name);
  }

  /** Adds a function of a kernel. Returns its name, which is another one where a part of the program has that name. */
  function(wanted: string, gives: string, parameters: string, body: string): string {
    const count = this.#named.get(wanted) ?? 0;
    this.#named.set(wanted, count + 1);
    const name = count === 0 ? wanted : `${wanted}${count}`;
    this.#functions.push(`${gives} ${name}(${parameters}) {\n${body}\n}\n`);
    return name;
  }

  /**
   * The name of a function `T name(int i)`: the elements of x from index i on, in row-major order; for width 4, i is a multiple of 4. Where
   * the elements of a storage are given, they are its second parameter.
   */
  value(x: GpuView, width: Width, given?: Storage): string {
    const lines: string[] = [];
    const names = new Map<Storage, string>();
    if (given) names.set(given, "given");
    const textOf = (view: GpuView): string => (isWhole(view) && names.get(view.storage)) || this.#leaf(view, width);
    for (const storage of steps([x])) {
      const { operation, inputs } = storage.expression as LazyExpression;
      const operator = operatorOf(operation, typeOf(inputs[0].storage));
      this.need(...operator.needs);
      const name = `t${names.size}`;
      const type = width === 4 ? wideOf(operator.gives) : operator.gives;
      lines.push(`  ${type} ${name} = ${operator.write(...inputs.map(textOf))};\n`);
      names.set(storage, name);
    }
    const result = textOf(x);
    const name = `value${this.#count++}`;
    const type = typeOf(x.storage);
    const more = given ? `, ${wideOf(typeOf(given))} given` : "";
    this.#functions.push(`${width === 4 ? wideOf(type) : type} ${name}(int i${more}) {\n${lines.join("")}  return ${result};\n}\n`);
    return name;
  }

  /** The name of the texture that a plane is. */
  plane(x: GpuView): string {
    return `s${this.#unit(x.storage)}`;
  }

  /** The text that reads a stored view at the index i. */
  #leaf(view: GpuView, width: Width): string {
    const { storage, offset } = view;
    const type = typeOf(storage);
    const wide = wideOf(type);
    this.varies ||= storage.varies;
    if (storage.constant !== undefined) {
      const text = type === "float" ? this.float(storage) : this.int(storage);
      return width === 4 ? `${wide}(${text})` : text;
    }
    const axes = axesOf(view);
    const key = `${this.#unit(storage)} ${width} ${offset} ${axes.map(({ n, step }) => `${n} ${step}`)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const fetch = this.#fetch(storage);
    const inner = axes[axes.length - 1] ?? { n: 1, step: 0 };
    const outer = axes.slice(0, -1);
    const aligned = offset % 4 === 0 && outer.every(({ step }) => step % 4 === 0);
    const unit = this.#unit(storage);
    const address = this.#address(axes, (_inputs, _output, bases) => (bases[unit] ?? 0) + offset);
    const name = `leaf${this.#count++}`;
    let body: string;
    if (width === 1) body = `int a = ${address}(i); return component(${fetch("a >> 2")}, a & 3);`;
    else if (inner.step === 1 && aligned && (inner.n % 4 === 0 || outer.length === 0)) body = `return ${fetch(`${address}(i) >> 2`)};`;
    else if (inner.step === 0 && (inner.n % 4 === 0 || outer.length === 0))
      body = `int a = ${address}(i); return ${wide}(component(${fetch("a >> 2")}, a & 3));`;
    else {
      const one = `element${this.#count++}`;
      this.#functions.push(`${type} ${one}(int i) { int a = ${address}(i); return component(${fetch("a >> 2")}, a & 3); }\n`);
      body = `return ${wide}(${one}(i), ${one}(i + 1), ${one}(i + 2), ${one}(i + 3));`;
    }
    this.#functions.push(`${width === 4 ? wide : type} ${name}(int i) { ${body} }\n`);
    const text = `${name}(i)`;
    this.#known.set(key, text);
    return text;
  }

  /** A function from an index in row-major order to the position in the storage. */
  #address(axes: readonly Axis[], offset: Uniform): string {
    const name = `address${this.#count++}`;
    const start = this.int(offset);
    let body = `int a = ${start};`;
    for (let k = axes.length - 1; k >= 0; k--) {
      const { n, step } = axes[k];
      const by = step === 1 ? "" : ` * ${this.int(step)}`;
      if (k === 0) body += ` return a + i${by};`;
      else {
        const length = this.int(n);
        body += ` { int q = i / ${length}; a += (i - q * ${length})${by}; i = q; }`;
      }
    }
    if (axes.length === 0) body += " return a;";
    this.#functions.push(`int ${name}(int i) { ${body} }\n`);
    return name;
  }

  #unit(storage: Storage): number {
    const at = this.textures.indexOf(storage);
    return at < 0 ? this.textures.push(storage) - 1 : at;
  }

  /** The text of the texel at a position of a storage. */
  #fetch(storage: Storage): (texel: string) => string {
    const unit = this.#unit(storage);
    const known = this.#known.get(`shape ${unit}`);
    const shape = known ?? `${this.int((inputs) => 2 ** inputs[unit].shift - 1)}, ${this.int((inputs) => inputs[unit].shift)}`;
    this.#known.set(`shape ${unit}`, shape);
    return (texel) => `texelFetch(s${unit}, at(${texel}, ${shape}), 0)`;
  }

  /** A program of programs: each gives the elements from its start on, of all of which the type is one. */
  beside(gives: Type, parts: readonly { readonly start: number; readonly write: () => string }[]): string {
    this.#isPart = true;
    const calls = parts.map(({ start, write }) => `result = ${write()}(i - ${this.int(start)});`);
    this.#isPart = false;
    const branches = parts.slice(1).map(({ start }, k) => `if (i < ${this.int(start)}) ${calls[k]}\n  else `);
    return this.program(gives, `  ${branches.join("")}${calls[calls.length - 1]}`);
  }

  /** A function of `int i` that gives `result`, or what becomes of it at the end. */
  #part(gives: Type, body: string): string {
    const end = this.#end;
    this.#end = undefined;
    const last = end ? `${end.name}(i, result)` : "result";
    return this.function("part", wideOf(end?.gives ?? gives), "int i", `  ${wideOf(gives)} result;\n${body}\n  return ${last};`);
  }

  /**
   * The whole program, or the name of a function where it is a part; `body` is what is done with `int i`, the index of the first of the four
   * elements to be written, and `result`, or `result0` and so on.
   */
  program(gives: Type, body: string, outputs = 1): string {
    if (this.#isPart) return this.#part(gives, body);
    const shift = this.int((_, output) => output.shift);
    const uniforms = [
      `uniform ivec4 u[${Math.ceil(this.ints.length / 4)}];\n`,
      ...(this.floats.length > 0 ? [`uniform vec4 c[${Math.ceil(this.floats.length / 4)}];\n`] : []),
      ...this.textures.map((storage, i) => `uniform ${typeOf(storage) === "float" ? "sampler2D" : "isampler2D"} s${i};\n`),
    ];
    // Read once: a software renderer reads memory wherever a uniform stands.
    const own = (type: string, name: string, from: string, count: number): [string, string] => {
      const names = Array.from({ length: count }, (_, k) => `${name}${k}`);
      const reads = names.map((each, k) => `${each} = ${from}[${k >> 2}].${"xyzw"[k & 3]};`);
      return [count > 0 ? `${type} ${names.join(", ")};\n` : "", `  ${reads.join(" ")}\n`];
    };
    const [declareInts, readInts] = own("int", "n", "u", this.ints.length);
    const [declareFloats, readFloats] = own("float", "f", "c", this.floats.length);
    const wide = wideOf(this.#end?.gives ?? gives);
    const main = outputs === 1 ? `  result = ${this.#part(gives, body)}(i);` : body;
    return [
      prelude,
      outputs === 1
        ? `out ${wide} result;\n`
        : Array.from({ length: outputs }, (_, k) => `layout(location = ${k}) out ${wideOf(gives)} result${k};\n`).join(""),
      ...uniforms,
      declareInts,
      declareFloats,
      sources(this.#library),
      ...this.#functions,
      `void main() {\n${readInts}${readFloats}  int i = ((int(gl_FragCoord.y) << ${shift}) | int(gl_FragCoord.x)) << 2;\n${main}\n}\n`,
    ].join("");
  }
}
