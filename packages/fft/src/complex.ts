import type { ArrayLike, NDArray } from "@ad/core";
import { bothOf, type Complex, type ComplexLike, isPair, joined, operands } from "./pairs.js";

/**
 * Functions of complex numbers, element by element, with broadcasting. A pair { re, im } or a real array stands for an operand.
 */

/**
 * The sum of complex numbers.
 *
 * @param x a pair or a real array of any shape; int32 and bool become float64
 * @param y likewise, of a shape that broadcasts with that of x
 * @throws ShapeError where shapes do not broadcast, DTypeError where an operand is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.add({ re: 1, im: 2 }, 3).re.item(); // 4
 */
export function add(x: ComplexLike, y: ComplexLike): Complex {
  const [a, b] = operands("complex.add", x, y);
  return joined("complex.add", a.re.add(b.re), a.im.add(b.im));
}

/**
 * The difference of complex numbers.
 *
 * @param x a pair or a real array of any shape; int32 and bool become float64
 * @param y likewise, of a shape that broadcasts with that of x
 * @throws ShapeError where shapes do not broadcast, DTypeError where an operand is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.sub({ re: 1, im: 2 }, { re: 0, im: 3 }).im.item(); // -1
 */
export function sub(x: ComplexLike, y: ComplexLike): Complex {
  const [a, b] = operands("complex.sub", x, y);
  return joined("complex.sub", a.re.sub(b.re), a.im.sub(b.im));
}

/**
 * The product of complex numbers. By real numbers the parts are multiplied one by one, so that infinite ones give no NaN.
 *
 * @param x a pair or a real array of any shape; int32 and bool become float64
 * @param y likewise, of a shape that broadcasts with that of x
 * @throws ShapeError where shapes do not broadcast, DTypeError where an operand is neither a pair nor an {@link ArrayLike}
 * @example
 * const i = { re: 0, im: 1 };
 * complex.mul(i, i).re.item(); // -1
 */
export function mul(x: ComplexLike, y: ComplexLike): Complex {
  if (!isPair(x) && isPair(y)) return mul(y, x);
  const [a, b] = operands("complex.mul", x, y);
  if (!isPair(y)) return joined("complex.mul", a.re.mul(b.re), a.im.mul(b.re));
  return joined("complex.mul", a.re.mul(b.re).sub(a.im.mul(b.im)), a.re.mul(b.im).add(a.im.mul(b.re)));
}

/**
 * The quotient of complex numbers, without overflow on the way (Smith 1962). By real numbers the parts are divided one by one. By 0 both parts are divided by 0;
 * the derivative is NaN.
 *
 * @param x a pair or a real array of any shape; int32 and bool become float64
 * @param y likewise, of a shape that broadcasts with that of x
 * @throws ShapeError where shapes do not broadcast, DTypeError where an operand is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.div(1, { re: 0, im: 2 }).im.item(); // -0.5
 */
export function div(x: ComplexLike, y: ComplexLike): Complex {
  const [a, b] = operands("complex.div", x, y);
  if (!isPair(y)) return joined("complex.div", a.re.div(b.re), a.im.div(b.re));
  const isReal = b.re.abs().greaterEqual(b.im.abs());
  const larger = isReal.where(b.re, b.im);
  const smaller = isReal.where(b.im, b.re);
  const ratio = smaller.div(larger.equal(0).where(1, larger));
  const by = larger.add(smaller.mul(ratio));
  const re = isReal.where(a.re.add(a.im.mul(ratio)), a.re.mul(ratio).add(a.im));
  const im = isReal.where(a.im.sub(a.re.mul(ratio)), a.im.mul(ratio).sub(a.re));
  return joined("complex.div", re.div(by), im.div(by));
}

/**
 * The negative of complex numbers.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.neg({ re: 1, im: -2 }).im.item(); // 2
 */
export function neg(z: ComplexLike): Complex {
  const { re, im } = bothOf("complex.neg", z);
  return { re: re.neg(), im: im.neg() };
}

/**
 * The conjugate of complex numbers.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.conj({ re: 1, im: 2 }).im.item(); // -2
 */
export function conj(z: ComplexLike): Complex {
  const { re, im } = bothOf("complex.conj", z);
  return { re, im: im.neg() };
}

/**
 * The absolute value of complex numbers, without overflow on the way. Its derivative at 0 is 0, as that of `hypot`.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.abs({ re: 3, im: 4 }).item(); // 5
 * grad((re) => complex.abs({ re, im: 0 }))(0).item(); // 0
 */
export function abs(z: ComplexLike): NDArray {
  const { re, im } = bothOf("complex.abs", z);
  return re.hypot(im);
}

/**
 * The square of the absolute value of complex numbers, which is smooth at 0 too.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.abs2({ re: 3, im: 4 }).item(); // 25
 */
export function abs2(z: ComplexLike): NDArray {
  const { re, im } = bothOf("complex.abs2", z);
  return re.square().add(im.square());
}

/**
 * The angle of complex numbers in radians, above −π and up to π; −π where the imaginary part is −0. At 0 it is 0, and has no derivative: NaN.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.angle({ re: 0, im: 2 }).item(); // 1.570796
 */
export function angle(z: ComplexLike): NDArray {
  const { re, im } = bothOf("complex.angle", z);
  return im.atan2(re);
}

/**
 * e to the power of complex numbers.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.exp({ re: 0, im: Math.PI }).re.item(); // -1
 */
export function exp(z: ComplexLike): Complex {
  const { re, im } = bothOf("complex.exp", z);
  // In two factors where it is large: 0 · Infinity would be NaN, and the absolute value may be too large where the parts are not.
  const isLarge = re.greater(88);
  const size = isLarge.where(re.mul(0.5), re).exp();
  const rest = isLarge.where(size, 1);
  return joined("complex.exp", size.mul(im.cos()).mul(rest), size.mul(im.sin()).mul(rest));
}

/** The absolute value, which has no derivative at 0. */
const sizeOf = (re: NDArray, im: NDArray): NDArray => re.equal(0).logicalAnd(im.equal(0)).where(re.abs().add(im.abs()), re.hypot(im));

/**
 * The principal logarithm of complex numbers: that of the absolute value, and the {@link angle}. At 0 the real part is −Infinity, and the
 * derivative is NaN.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.log({ re: -1, im: 0 }).im.item(); // 3.141593
 */
export function log(z: ComplexLike): Complex {
  const { re, im } = bothOf("complex.log", z);
  const size = sizeOf(re, im);
  // Around 1 the logarithm of a rounded number has few digits. By choices, which have second derivatives where both parts are as large.
  const isNear = size.greater(0.5).logicalAnd(size.less(2));
  const isReal = re.abs().greaterEqual(im.abs());
  const [a, b] = [isReal.where(re, im).abs(), isReal.where(im, re)];
  const near = isNear.where(a, 1).sub(1).mul(a.add(1)).add(isNear.where(b, 0).square()).log1p().mul(0.5);
  return joined("complex.log", isNear.where(near, size.log()), im.atan2(re));
}

/**
 * The principal square root of complex numbers, whose real part is not negative. At 0 it is 0, and has no derivative: NaN.
 *
 * @param z a pair or a real array of any shape; int32 and bool become float64
 * @throws ShapeError where the parts do not broadcast, DTypeError where z is neither a pair nor an {@link ArrayLike}
 * @example
 * complex.sqrt({ re: -4, im: 0 }).im.item(); // 2
 * complex.sqrt({ re: 3, im: 4 }).re.item(); // 2
 */
export function sqrt(z: ComplexLike): Complex {
  const { re, im } = bothOf("complex.sqrt", z);
  const isRight = re.greaterEqual(0);
  // The larger of the parts; the other one is a quotient by it. The sign of an imaginary part of 0 counts.
  const larger = sizeOf(re, im).mul(0.5).add(isRight.where(re, re.neg()).mul(0.5)).sqrt();
  const isNothing = larger.equal(0);
  const other = isNothing.where(larger, im.div(isNothing.where(1, larger)).mul(0.5));
  const sign = im.atan2(-1).less(0).where(-1, 1);
  return joined("complex.sqrt", isRight.where(larger, other.mul(sign)), isRight.where(other, larger.mul(sign)));
}

/**
 * Complex numbers of an absolute value and an angle in radians.
 *
 * @param r the absolute values, of any shape; int32 and bool become float64
 * @param theta the angles, of a shape that broadcasts with that of r
 * @throws ShapeError where the shapes do not broadcast, DTypeError where r or theta is no {@link ArrayLike}
 * @example
 * complex.polar(2, Math.PI / 2).im.item(); // 2
 */
export function polar(r: ArrayLike, theta: ArrayLike): Complex {
  const { re: size, im: turn } = joined("complex.polar", r, theta);
  return { re: size.mul(turn.cos()), im: size.mul(turn.sin()) };
}
