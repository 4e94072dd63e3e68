// The families that the pages of the API put functions and methods into, by the files that they are written in.

/** @type {readonly (readonly [file: RegExp, family: string])[]} */
const files = [
  [/ops\/create/, "Making arrays"],
  [/src\/display|array\/read/, "Reading"],
  [/ops\/unary/, "Functions of each element"],
  [/ops\/(functions|nan)/, "Functions of each element"],
  [/src\/special\//, "Special functions"],
  [/ops\/(binary|arithmetic)/, "Arithmetic and comparison"],
  [/ops\/comparison/, "Arithmetic and comparison"],
  [/ops\/reduction/, "Reductions"],
  [/ops\/statistics/, "Statistics"],
  [/ops\/(movement|stacking)/, "Shapes and indices"],
  [/ops\/order/, "Order and search"],
  [/ops\/(product|einsum)/, "Products"],
  [/ops\/(convolution|models|windows)/, "Networks and signals"],
  [/ops\/(polynomials|differences)/, "Polynomials and differences"],
  [/ops\/tree|engine\/tree/, "Trees"],
  [/core\/src\/reverse|^src\/reverse/, "Derivatives"],
  [/src\/control\//, "Control flow"],
  [/src\/custom\//, "Rules of your own"],
  [/src\/linalg\//, "Linear algebra"],
  [/src\/keys/, "Keys"],
  [/src\/(continuous|gamma|vectors)/, "Continuous distributions"],
  [/src\/(discrete|order|binary)/, "Discrete distributions and order"],
  [/src\/(optimizers|schedules|apply-updates)/, "Optimisers and schedules"],
  [/src\/solvers\//, "Solvers"],
  [/src\/collectives\//, "Collectives"],
];

/** Members of NDArray that are no functions too. @type {Readonly<Record<string, readonly string[]>>} */
const methods = {
  "What an array is": ["shape", "ndim", "size", "dtype", "device", "T"],
  Reading: ["item", "toArray", "data", "ndarray", "toString", "toJSON", "[iterator]", "[toStringTag]", "[toPrimitive]"],
  "Dtypes and devices": ["astype", "to"],
  "Shapes and indices": ["slice", "set", "addAt"],
};

/** @param {string} name @param {string} file of a function, or "methods" @returns {string | undefined} */
export const familyOf = (name, file) =>
  file === "methods"
    ? Object.keys(methods).find((family) => methods[family].includes(name))
    : files.find(([pattern]) => pattern.test(file))?.[1];
