export { type HessianOptions, hessian } from "./hessian.js";
export { type JacobianOf, type JacobianOptions, jacfwd, jacobian, jacrev, type Strategy, type SweepOptions } from "./jacobian.js";
export { batchJvp, batchVjp, hvp, jvpMany, vhp, vjpMany } from "./products.js";
