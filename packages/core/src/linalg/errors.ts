import { ADError } from "../errors.js";

/** A matrix for which an operation has no result: a singular one to be inverted, one that is not positive definite for `cholesky`. */
export class LinAlgError extends ADError {
  override readonly name = "LinAlgError";
}
