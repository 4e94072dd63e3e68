import { checkDType, type DType, isFloat, numeric } from "../engine/aval.js";
import { checkOptions, DTypeError, describe, TreeError } from "../engine/errors.js";
import type { Promoting, Promotion } from "../engine/primitive.js";
import { none } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import { ArrayBase, type ArrayLike } from "./base.js";
import type { NDArray } from "./ndarray.js";
import { broadcastShapes, cast, pair, stretch, toBool, toFloat } from "./operands.js";

/** The names of those that promote so and have no parameters: what a method does to dtypes is what the row says. */
type Plain<R extends Promotion> = Exclude<Promoting<R>, "polygamma" | "wrapIndex">;

/** A function of real numbers: whole numbers become float64. */
const real = (name: Plain<"real">, x: ArrayBase): NDArray => bind(name, [toFloat(x)], none);

/** A function that keeps whole numbers whole; bool counts as int32. */
const keeping = (name: Plain<"same">, x: ArrayBase): NDArray => bind(name, [cast(x, numeric(x.dtype))], none);

const arithmetic = (name: Plain<"same" | "fraction">, x: ArrayBase, y: ArrayLike): NDArray => {
  const operands = pair(name, x, y);
  return bind(name, operands[0].aval.dtype === "bool" ? operands.map((each) => cast(each, "int32")) : operands, none);
};

/** Arithmetic for which NumPy has a meaning on bool. */
const withBool = (name: Plain<"same">, onBool: Plain<"whole">, x: ArrayBase, y: ArrayLike): NDArray => {
  const operands = pair(name, x, y);
  return bind(operands[0].aval.dtype === "bool" ? onBool : name, operands, none);
};

const realPair = (name: Plain<"real">, x: ArrayBase, y: ArrayLike): NDArray => {
  const [a, b] = pair(name, x, y);
  return bind(name, [toFloat(a), toFloat(b)], none);
};

/** a > b is b < a: half of the comparisons are the other half. */
const compare = (name: Plain<"truth">, op: string, x: ArrayBase, y: ArrayLike, swap = false): NDArray => {
  const [a, b] = pair(op, x, y);
  return bind(name, swap ? [b, a] : [a, b], none);
};

const logical = (name: Plain<"whole">, op: string, x: ArrayBase, y: ArrayLike): NDArray => {
  const [a, b] = pair(op, x, y);
  return bind(name, [toBool(a), toBool(b)], none);
};

/** Operations element by element. A method does what the function of its name does; the documentation is there. */
export abstract class ElementwiseArray extends ArrayBase {
  astype(dtype: DType): NDArray {
    checkDType("astype", dtype);
    return this.aval.weak ? bind("cast", [this], { dtype }) : cast(this, dtype);
  }

  neg(): NDArray {
    if (this.dtype === "bool") throw new DTypeError("neg: a bool has no negative; use logicalNot, or astype first.");
    return bind("neg", [this], none);
  }
  sqrt(): NDArray {
    return real("sqrt", this);
  }
  rsqrt(): NDArray {
    return real("rsqrt", this);
  }
  cbrt(): NDArray {
    return real("cbrt", this);
  }
  reciprocal(): NDArray {
    return real("reciprocal", this);
  }
  exp(): NDArray {
    return real("exp", this);
  }
  exp2(): NDArray {
    return real("exp2", this);
  }
  expm1(): NDArray {
    return real("expm1", this);
  }
  log(): NDArray {
    return real("log", this);
  }
  log2(): NDArray {
    return real("log2", this);
  }
  log10(): NDArray {
    return real("log10", this);
  }
  log1p(): NDArray {
    return real("log1p", this);
  }
  sin(): NDArray {
    return real("sin", this);
  }
  cos(): NDArray {
    return real("cos", this);
  }
  tan(): NDArray {
    return real("tan", this);
  }
  asin(): NDArray {
    return real("asin", this);
  }
  acos(): NDArray {
    return real("acos", this);
  }
  atan(): NDArray {
    return real("atan", this);
  }
  sinh(): NDArray {
    return real("sinh", this);
  }
  cosh(): NDArray {
    return real("cosh", this);
  }
  tanh(): NDArray {
    return real("tanh", this);
  }
  asinh(): NDArray {
    return real("asinh", this);
  }
  acosh(): NDArray {
    return real("acosh", this);
  }
  atanh(): NDArray {
    return real("atanh", this);
  }
  sigmoid(): NDArray {
    return real("sigmoid", this);
  }
  softplus(): NDArray {
    return real("softplus", this);
  }
  erf(): NDArray {
    return real("erf", this);
  }
  erfc(): NDArray {
    return real("erfc", this);
  }
  lgamma(): NDArray {
    return real("lgamma", this);
  }
  abs(): NDArray {
    return keeping("abs", this);
  }
  sign(): NDArray {
    return keeping("sign", this);
  }
  square(): NDArray {
    return keeping("square", this);
  }
  relu(): NDArray {
    return keeping("relu", this);
  }
  floor(): NDArray {
    return keeping("floor", this);
  }
  ceil(): NDArray {
    return keeping("ceil", this);
  }
  round(): NDArray {
    return keeping("round", this);
  }
  trunc(): NDArray {
    return keeping("trunc", this);
  }
  digamma(): NDArray {
    return bind("polygamma", [toFloat(this)], { n: 0 });
  }
  silu(): NDArray {
    return this.mul(this.sigmoid());
  }
  gelu(options: { readonly approximate?: boolean } = {}): NDArray {
    checkOptions("gelu", options, ["approximate"]);
    const { approximate = false } = options;
    if (typeof approximate !== "boolean") throw new TreeError(`gelu: approximate is ${describe(approximate)}; give true or false.`);
    const x = toFloat(this);
    if (!approximate) return x.mul(real("normalCdf", x));
    // (1 + tanh u) / 2 is sigmoid(2u), which keeps its digits where tanh is near -1.
    return x.mul(
      x
        .square()
        .mul(0.044715)
        .add(1)
        .mul(x)
        .mul(Math.sqrt(8 / Math.PI))
        .sigmoid(),
    );
  }
  isNaN(): NDArray {
    return bind("isNaN", [this], none);
  }
  isFinite(): NDArray {
    return bind("isFinite", [this], none);
  }
  logicalNot(): NDArray {
    return bind("not", [toBool(this)], none);
  }
  stopGradient(): NDArray {
    return bind("stopGradient", [this], none);
  }

  add(y: ArrayLike): NDArray {
    return withBool("add", "or", this, y);
  }
  sub(y: ArrayLike): NDArray {
    const operands = pair("sub", this, y);
    if (operands[0].aval.dtype === "bool") throw new DTypeError("sub: both operands are bool; use logicalXor, or astype first.");
    return bind("sub", operands, none);
  }
  mul(y: ArrayLike): NDArray {
    return withBool("mul", "and", this, y);
  }
  div(y: ArrayLike): NDArray {
    return realPair("div", this, y);
  }
  pow(y: ArrayLike): NDArray {
    return arithmetic("pow", this, y);
  }
  mod(y: ArrayLike): NDArray {
    return arithmetic("mod", this, y);
  }
  maximum(y: ArrayLike): NDArray {
    return withBool("maximum", "or", this, y);
  }
  minimum(y: ArrayLike): NDArray {
    return withBool("minimum", "and", this, y);
  }
  atan2(y: ArrayLike): NDArray {
    return realPair("atan2", this, y);
  }
  hypot(y: ArrayLike): NDArray {
    return realPair("hypot", this, y);
  }
  logaddexp(y: ArrayLike): NDArray {
    return realPair("logaddexp", this, y);
  }
  equal(y: ArrayLike): NDArray {
    return compare("equal", "equal", this, y);
  }
  notEqual(y: ArrayLike): NDArray {
    return compare("notEqual", "notEqual", this, y);
  }
  less(y: ArrayLike): NDArray {
    return compare("less", "less", this, y);
  }
  lessEqual(y: ArrayLike): NDArray {
    return compare("lessEqual", "lessEqual", this, y);
  }
  greater(y: ArrayLike): NDArray {
    return compare("less", "greater", this, y, true);
  }
  greaterEqual(y: ArrayLike): NDArray {
    return compare("lessEqual", "greaterEqual", this, y, true);
  }
  logicalAnd(y: ArrayLike): NDArray {
    return logical("and", "logicalAnd", this, y);
  }
  logicalOr(y: ArrayLike): NDArray {
    return logical("or", "logicalOr", this, y);
  }
  logicalXor(y: ArrayLike): NDArray {
    return logical("xor", "logicalXor", this, y);
  }

  /** This array is the condition. */
  where(a: ArrayLike, b: ArrayLike): NDArray {
    const [x, y] = pair("where", this.lift(a, "where"), b);
    const shape = broadcastShapes("where", this.shape, x.shape);
    return bind("select", [stretch(toBool(this), shape), stretch(x, shape), stretch(y, shape)], none);
  }

  clip(lo?: ArrayLike | null, hi?: ArrayLike | null): NDArray {
    const least = isFloat(this.dtype) ? -Infinity : -(2 ** 31);
    const [x, low] = pair("clip", this, lo ?? least);
    const [y, high] = pair("clip", x, hi ?? -1 - least);
    // Whole numbers on their way to float64 would lose digits in float32.
    if (x.dtype !== y.dtype) return cast(this, y.dtype).clip(lo, hi);
    const shape = broadcastShapes("clip", broadcastShapes("clip", low.shape, high.shape), y.shape);
    const [value, from, to] = [y, low, high].map((a) => stretch(cast(a, numeric(y.dtype)), shape));
    return cast(bind("clamp", [value, from, to], none), y.dtype);
  }
}
