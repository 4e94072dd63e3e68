import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { elementwiseOperation, pairOperation } from "./operation.js";

/** Around 1/2, where the logarithm cancels, 2 x − 1 is exact. */
const logOdds = elementwiseOperation(
  "logit",
  (x) => (x > 0.25 && x < 0.75 ? 2 * Math.atanh(2 * x - 1) : Math.log(x / (1 - x))),
  (x) => {
    const slope = x.reciprocal().add(x.neg().add(1).reciprocal());
    return slope.mul(x.equal(x.clip(0, 1)).where(1, NaN));
  },
);

/** x / y, and 0 where x is 0 and y is too. */
const ratio = (x: NDArray, y: NDArray): NDArray => x.div(x.equal(0).logicalAnd(y.equal(0)).where(1, y));

const ofLog = pairOperation("xlogy", (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y)), [(_, y) => y.log(), ratio]);

const ofLog1p = pairOperation("xlog1py", (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log1p(y)), [
  (_, y) => y.log1p(),
  (x, y) => ratio(x, y.add(1)),
]);

/**
 * log(x / (1 − x)), the inverse of {@link sigmoid}: −Infinity at 0, Infinity at 1, NaN outside of them. Accurate to within 4 units in the
 * last place.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * logit(array([0.25, 0.5, 1])).toArray(); // [-1.098612, 0, Infinity]
 */
export const logit = (x: ArrayLike): NDArray => logOdds(x);

/**
 * x log(y), and 0 where x is 0, whatever y is but NaN. Its derivative by x is log(y) there too, and that by y is 0.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @param y of a shape that broadcasts with that of x
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * xlogy(array([0, 2]), array([0, 3])).toArray(); // [0, 2.197225]
 */
export const xlogy = (x: ArrayLike, y: ArrayLike): NDArray => ofLog(x, y);

/**
 * x log(1 + y), and 0 where x is 0, whatever y is but NaN. Its derivative by x is log(1 + y) there too, and that by y is 0.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @param y of a shape that broadcasts with that of x
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * xlog1py(array([0, 2]), array([-1, 1e-10])).toArray(); // [0, 2e-10]
 */
export const xlog1py = (x: ArrayLike, y: ArrayLike): NDArray => ofLog1p(x, y);
