export const erf = (x: number) => Math.tanh(x),
  erfc = (x: number) => 1 - Math.tanh(x),
  lgamma = (x: number) => x,
  digamma = (x: number) => x;
export const polygamma = (n: number, x: number) => x;
export const roundHalfEven = (x: number) => {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
};
export const mod = (x: number, y: number) => {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
};
export const pow = (x: number, y: number) => x ** y;
export const hypot2 = (x: number, y: number) => Math.hypot(x, y);
export const logaddexp = (x: number, y: number) => Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
export const softplus = (x: number) => logaddexp(x, 0);
export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
