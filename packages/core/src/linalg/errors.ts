import { ADError } from "../engine/errors.js";

/**
 * A matrix for which an operation has no result: a singular one to be inverted, one that is not positive definite for `cholesky`.
 *
 * @example
 * let caught: unknown;
 * try { linalg.inv([[1, 2], [2, 4]]); } catch (error) { caught = error; }
 * caught instanceof linalg.LinAlgError; // true
 */
export class LinAlgError extends ADError {
  override readonly name = "LinAlgError";
}
