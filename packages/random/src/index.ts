export type { DrawOptions } from "./checks.js";
export {
  cauchy,
  exponential,
  gumbel,
  laplace,
  logistic,
  normal,
  type UniformOptions,
  uniform,
} from "./continuous.js";
export { bernoulli, binomial, type CountOptions, categorical, poisson, rademacher, randint } from "./discrete.js";
export type { DrawnType } from "./draw.js";
export { beta, dirichlet, gamma, studentT } from "./gamma.js";
export { bits, foldIn, key, split } from "./keys.js";
export { type ChoiceOptions, choice, type PermutationOptions, permutation, shuffle } from "./order.js";
export type { Float } from "./threefry.js";
export { truncatedNormal } from "./truncated.js";
export { ball, multivariateNormal, orthogonal } from "./vectors.js";
