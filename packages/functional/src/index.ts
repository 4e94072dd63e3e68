export { type Pushforward, pushforward } from "@ad/forward";
export { type CheckOptions, checkGrad } from "./check.js";
export { type DiagonalOptions, hessianDiagonal, laplacian } from "./diagonal.js";
export { type HessianOptions, hessian, valueGradHessian } from "./hessian.js";
export { type JacobianOf, type JacobianOptions, jacfwd, jacobian, jacrev, valueAndJacobian } from "./jacobian.js";
export { linearTranspose } from "./linear.js";
export type { PassOptions, Strategy, SweepOptions } from "./options.js";
export { batchJvp, batchVjp, hvp, jvpMany, vhp, vjpMany } from "./products.js";
