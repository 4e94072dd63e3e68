export type Type = "float" | "int";

/** A GLSL function, written for one element; the emitter adds the one for four. */
export interface Definition {
  /** The functions that it calls. */
  readonly needs: readonly string[];
  /** The types of its parameters x, y, z. */
  readonly takes: readonly Type[];
  readonly gives: Type;
  readonly body: string;
}

/** `define("float int", "float", "log_", body)`: types, what it needs, and what stands between the braces. */
export const define = (takes: string, gives: Type, needs: string, body: string): Definition => ({
  needs: needs === "" ? [] : needs.split(" "),
  takes: takes.split(" ") as Type[],
  gives,
  body,
});

const repeated = (type: Type, arity: number): string => new Array<string>(arity).fill(type).join(" ");

export const float = (arity: number, needs: string, body: string): Definition => define(repeated("float", arity), "float", needs, body);
export const int = (arity: number, needs: string, body: string): Definition => define(repeated("int", arity), "int", needs, body);

const parameters = ["x", "y", "z"];

/** The function for one element, and the one for four. */
export function write(name: string, { takes, gives, body }: Definition): string {
  const list = (wide: boolean): string => takes.map((type, i) => `${wide ? wideOf(type) : type} ${parameters[i]}`).join(", ");
  const parts = ["x", "y", "z", "w"].map((part) => `${name}(${takes.map((_, i) => `${parameters[i]}.${part}`).join(", ")})`);
  const wide = wideOf(gives);
  return `${gives} ${name}(${list(false)}) { ${body} }\n${wide} ${name}(${list(true)}) { return ${wide}(${parts.join(", ")}); }\n`;
}

export const wideOf = (type: Type): string => (type === "float" ? "vec4" : "ivec4");

/**
 * The statements that give `result` the elements i to i + 3 of a function of an index, each from the right. Four calls in a row would have
 * the function's text four times in the program, and a driver compiles for as long; it unrolls the loop where that is faster.
 */
export const gather = (type: Type, one: string): string =>
  `  result = ${wideOf(type)}(0);\n  for (int k = 0; k < 4; k++) result = ${wideOf(type)}(result.yzw, ${one}(i + k));`;

/** A polynomial in a variable, highest power first, as GLSL. */
export const horner = (coefficients: readonly number[], variable: string): string =>
  coefficients.slice(1).reduce((sum, c) => `(${sum}*${variable}${c < 0 ? "" : "+"}${literal(c)})`, literal(coefficients[0]));

/** A number as a GLSL float. */
export function literal(value: number): string {
  if (Number.isNaN(value)) return "NAN";
  if (Math.abs(value) === Infinity) return value > 0 ? "INF" : "(-INF)";
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** In front of every program. An index picks a component: where conditions do so often in one loop, SwiftShader compiles for minutes. */
export const prelude = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp isampler2D;
#define INF uintBitsToFloat(0x7f800000u)
#define NAN uintBitsToFloat(0x7fc00000u)
bool nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
bool finite(float x) { return (floatBitsToUint(x) & 0x7f800000u) != 0x7f800000u; }
bool infinite(float x) { return (floatBitsToUint(x) & 0x7fffffffu) == 0x7f800000u; }
bool negative(float x) { return floatBitsToInt(x) < 0; }
float component(vec4 v, int i) { return v[i]; }
int component(ivec4 v, int i) { return v[i]; }
ivec2 at(int t, int mask, int shift) { return ivec2(t & mask, t >> shift); }
`;
