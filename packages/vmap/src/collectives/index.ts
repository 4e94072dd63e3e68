import type { Arrays, NDArray } from "@ad/core";
import { entering, flatten, unflatten } from "@ad/core/internals/trace";
import { batchOf } from "../batch.js";
import { average, type CollectiveOf, collect, gathered, greatest, least, total } from "./kinds.js";

/** A collective of every array of a tree. */
function onLeaves<T>(op: string, kind: CollectiveOf, x: T, axisName: string): Arrays<T> {
  const batch = batchOf(op, axisName);
  const { leaves, structure } = flatten(x, op);
  return unflatten(
    structure,
    leaves.map((leaf) => collect(kind, batch, entering(op, leaf))),
  ) as Arrays<T>;
}

/**
 * The sum of x over all lanes of the vmap with this axisName: the same in every lane. A value that is not mapped counts once for each lane.
 * In reverse mode each lane's x gets the derivatives of all lanes' results: `vmap(grad(f), { axisName })` is the gradient of the sum of f.
 *
 * @param x an array or a tree of arrays of any shape and dtype; bool is counted in int32
 * @param axisName of a vmap around this call, of several the innermost
 * @throws TransformError where there is none, or inside of a branch or loop that some lanes do not take; TreeError where x is no tree of
 * arrays
 * @example
 * const share = vmap((x) => x.div(psum(x, "i")), { axisName: "i" });
 * share(array([1, 3, 4])).toArray(); // [0.125, 0.375, 0.5]
 */
export const psum = <T>(x: T, axisName: string): Arrays<T> => onLeaves("psum", total, x, axisName);

/**
 * The mean of x over all lanes of the vmap with this axisName; float64 for int and bool.
 *
 * @param x an array or a tree of arrays of any shape; float64 for int32 and bool
 * @param axisName of a vmap around this call
 * @throws as {@link psum} does
 * @example
 * vmap((x) => x.sub(pmean(x, "i")), { axisName: "i" })(array([1, 2, 6])).toArray(); // [-2, -1, 3]
 */
export const pmean = <T>(x: T, axisName: string): Arrays<T> => onLeaves("pmean", average, x, axisName);

/**
 * The greatest x of all lanes of the vmap with this axisName, element by element. Tied lanes share the derivative equally.
 *
 * @param x an array or a tree of arrays of any shape and dtype
 * @param axisName of a vmap around this call
 * @throws as {@link psum} does
 * @example
 * vmap((x) => x.sub(pmax(x, "i")), { axisName: "i" })(array([1, 2, 6])).toArray(); // [-5, -4, 0]
 */
export const pmax = <T>(x: T, axisName: string): Arrays<T> => onLeaves("pmax", greatest, x, axisName);

/**
 * The least x of all lanes of the vmap with this axisName, element by element. Tied lanes share the derivative equally.
 *
 * @param x an array or a tree of arrays of any shape and dtype
 * @param axisName of a vmap around this call
 * @throws as {@link psum} does
 * @example
 * vmap((x) => x.sub(pmin(x, "i")), { axisName: "i" })(array([1, 2, 6])).toArray(); // [0, 1, 5]
 */
export const pmin = <T>(x: T, axisName: string): Arrays<T> => onLeaves("pmin", least, x, axisName);

/**
 * x of all lanes of the vmap with this axisName, along a new first axis: the same in every lane.
 *
 * @param x an array or a tree of arrays of shape […], of any dtype
 * @param axisName of a vmap around this call
 * @returns shape [lanes, …]
 * @throws as {@link psum} does
 * @example
 * const gaps = vmap((x) => allGather(x, "i").sub(x).abs().max(), { axisName: "i" });
 * gaps(array([1, 2, 6])).toArray(); // [5, 4, 5]
 */
export const allGather = <T>(x: T, axisName: string): Arrays<T> => onLeaves("allGather", gathered, x, axisName);

/**
 * The position of each lane in the vmap with this axisName.
 *
 * @param axisName of a vmap around this call
 * @returns int32, shape []
 * @throws TransformError where there is none
 * @example
 * vmap((x) => x.mul(axisIndex("i")), { axisName: "i" })(array([5, 5, 5])).toArray(); // [0, 5, 10]
 */
export const axisIndex = (axisName: string): NDArray => batchOf("axisIndex", axisName).index as NDArray;
