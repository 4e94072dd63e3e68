// Numbers of the kernels, in two tables with the same places; coefficients.py makes the polynomials and the parts. They are read from
// memory where they are used: the engine puts such a load into the instruction that wants the number, which is faster than a number in
// the code.

@inline export const ONE: usize = 0;
@inline export const HALF: usize = 1;
/** 2^52 or 2^23: from there on floats are whole numbers, and stand in their own lowest bits. */
@inline export const WHOLE: usize = 2;
/** One and a half times that, more the bias of an exponent. */
@inline export const POWER: usize = 3;
/** That once, more the bias. */
@inline export const BIASED: usize = 4;
/** The normal numbers, from the smallest to the largest. */
@inline export const SMALLEST: usize = 5;
@inline export const LARGEST: usize = 6;
@inline export const LOG2_E: usize = 7;
@inline export const LN_2: usize = 8; // in two parts
@inline export const EXP: usize = 10;
/** Where exp is 0 and Infinity, and exp2, and where tanh is 1. */
@inline export const UNDERFLOW: usize = 20;
@inline export const OVERFLOW: usize = 21;
@inline export const UNDERFLOW_2: usize = 22;
@inline export const OVERFLOW_2: usize = 23;
@inline export const SATURATION: usize = 24;
@inline export const ROOT_HALF: usize = 25;
@inline export const LOG10_E: usize = 26;
@inline export const LOG10_2: usize = 27; // in two parts
@inline export const LOG: usize = 29;
@inline export const SIN: usize = 36;
@inline export const COS: usize = 42;
/** Up to where sin, cos and tan are computed. */
@inline export const FAR: usize = 48;
/** The sign, and the lowest bit. */
@inline export const SIGN: usize = 49;
@inline export const BIT: usize = 50;
/** Up to where sinh and cosh are computed. */
@inline export const MODEST: usize = 51;
/** In float64 alone. */
@inline export const TWO_OVER_PI: usize = 52;
@inline export const NEAREST: usize = 53;
@inline export const PI_HALF: usize = 54; // in three parts
@inline export const PI_HALF_LOW: usize = 57; // the second of two

const wide = memory.data<f64>([
  // ONE to LARGEST
  1, 0.5, 4503599627370496, 6755399441056767, 4503599627371519, 2.2250738585072014e-308, 1.7976931348623157e308,
  // LOG2_E, LN_2, EXP
  1.4426950408889634, 0.6931471805601177, -1.7239444525614835e-13,
  0.5000000000000001, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062, 0.0013888888917213717,
  0.00019841269863053618, 2.4801521295954376e-05, 2.7557268459997064e-06, 2.7620088445409746e-07, 2.510038549551032e-08,
  // UNDERFLOW to SATURATION
  -746, 710, -1076, 1025, 40,
  // ROOT_HALF, LOG10_E, LOG10_2, LOG
  0.7071067811865476, 0.4342944819032518, 0.3010299956640665, -8.532344317057107e-14,
  0.666666666666667, 0.39999999999899444, 0.2857142862600327, 0.22222211130259878, 0.18182889455674947, 0.15331710618210773,
  0.14616585424888623,
  // SIN, COS
  -0.16666666666666666, 0.008333333333330948, -0.00019841269836756774, 2.7557316101617874e-06, -2.505113165023518e-08,
  1.5918115263265974e-10,
  0.041666666666666664, -0.0013888888888887398, 2.480158729876456e-05, -2.7557317271145144e-07, 2.087614614655861e-09,
  -1.1382623647474604e-11,
  // FAR to MODEST
  1647099, -0.0, 5e-324, 708,
  // TWO_OVER_PI to PI_HALF_LOW
  0.6366197723675814, 6755399441055744, 1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21, 6.077100506506192e-11,
]);

const narrow = memory.data<f32>([
  1, 0.5, 8388608, 12583039, 8388735, 1.17549435e-38, 3.40282347e38,
  1.44269504, 0.69317627, -2.90889711e-5,
  0.5, 0.16666577, 0.0416665546, 0.00836317905, 0.00139261836, 0, 0, 0, 0, 0,
  -104, 89, -151, 129, 20,
  0.707106781, 0.434294482, 0.301025391, 4.60503907e-6,
  0.66666685, 0.399887783, 0.29580053, 0, 0, 0, 0,
  -0.166666647, 0.00833274815, -0.000195878657, 0, 0, 0,
  0.0416666647, -0.00138883029, 2.45479169e-5, 0, 0, 0,
  1647099, -0.0, 1e-45, 87,
]);

@inline export function constant<T>(place: usize): v128 {
  if (sizeof<T>() == 8) return v128.load64_splat(wide + 8 * place);
  return v128.load32_splat(narrow + 4 * place);
}
