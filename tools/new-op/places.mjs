// Where an operation of each kind stands, and what stands there. CONTRIBUTING.md has the same list in words.
import { after, before, beforeDoc, importing, whole } from "./insert.mjs";
import { arrow, endsOf, evaluate, partialOf, plain, pointsOf, stated } from "./operation.mjs";

/** @typedef {import("./operation.mjs").Operation} Operation */
/** @typedef {readonly [file: string, ...edits: import("./insert.mjs").Edit[]]} Place */

const core = "packages/core/src";
const conformance = "tools/conformance/src";
const expectations = "tools/expectations/numpy.py";

/** Marks a formula that is still the placeholder. @param {Operation} op @param {string} option */
const todo = (op, option) => (op.missing.includes(option) ? `  // TODO ${op.name}: --${option} was not given.\n` : "");

/** The entry of a changelog. @param {Operation} op @returns {Place} */
const changeset = ({ name, summary }) => [
  `.changeset/${kebab(name)}.md`,
  whole(`---\n"@ad/core": minor\n---\n\n\`${name}\`: ${summary.replace(/\{@link (\w+)\}/g, "`$1`")}\n`),
];

/** @param {string} name */
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Imports `host`, which says that the GPU leaves an operation to the host. @type {import("./insert.mjs").Edit} */
const importHost = (text) =>
  text.replace(/^import (type )?\{ (.*) \} from "(.*\/kernel|\.\/define)\.js";$/m, (line, allTypes, names, module) => {
    if (/\bhost\b/.test(names)) return line;
    const listed = allTypes
      ? names
          .split(", ")
          .map((/** @type {string} */ name) => `type ${name}`)
          .join(", ")
      : names;
    return `import { ${listed}, host } from "${module}.js";`;
  });

/**
 * The shader's part of an elementwise operation: an operator, or why there is none.
 * @param {Operation} op
 * @param {string[]} operands
 * @param {string} next the line before which it stands
 * @returns {Place}
 */
function shader({ name, glsl }, operands, next) {
  const file = "packages/gpu/src/webgl/glsl/operators.ts";
  if (glsl === undefined) return [file, before(next, `  ${name}: host("no shader is written yet"),`), importHost];
  const needs = [...new Set(glsl.match(/\b\w+_(?=\()/g))];
  const written = operands.reduce((text, x) => text.replace(new RegExp(`\\b${x}\\b`, "g"), `\${${x}}`), glsl);
  const operator = `{ gives: "float", needs: ${JSON.stringify(needs)}, write: (${operands.join(", ")}) => \`(${written})\` }`;
  return [file, before(next, `  ${name}: { float: ${operator} },`)];
}

/** A function of one number, element by element: a primitive and a method. @param {Operation} op @returns {Place[]} */
function unary(op) {
  const { name, summary, value, partials, reference, domains, numpy } = op;
  const points = pointsOf(domains[0]);
  const values = points.map((x) => stated(evaluate(value, { x })));
  const rule = partialOf(["x", "out"], partials[0]);
  return [
    [
      `${core}/primitives/elementwise.ts`,
      before(
        "  floor: unary(",
        `${todo(op, "value")}${todo(op, "partial")}  ${name}: unary({ promote: "real", value: ${plain(["x"], value)}, partial: ${rule}, cost: "function" }),`,
      ),
      importing("../rules/reads.js", rule),
    ],
    [`${core}/array/elementwise.ts`, before("  abs(): NDArray {", `  ${name}(): NDArray {\n    return real("${name}", this);\n  }`)],
    [
      `${core}/ops/unary.ts`,
      beforeDoc(
        "export const floor ",
        `/**
 * ${summary}
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * ${name}(array([${points.join(", ")}])).toArray(); // [${values.join(", ")}]
 */
export const ${name} = (x: ArrayLike): NDArray => asArray(x, "${name}").${name}();`,
      ),
    ],
    shader(op, ["x"], "  floor: "),
    [
      `${conformance}/rows/elementwise.ts`,
      before("  floor: {", `  ${name}: { domain: ${domains[0]}, reference: (x) => ${reference}, numpy: ${JSON.stringify(numpy)} },`),
    ],
    changeset(op),
  ];
}

/** A function of two numbers, element by element: a primitive and a method. @param {Operation} op @returns {Place[]} */
function binary(op) {
  const { name, summary, value, partials, reference, domains, numpy } = op;
  const [xs, ys] = domains.map(pointsOf);
  const values = xs.map((x, i) => stated(evaluate(value, { x, y: ys[i] })));
  const rules = partials.map((partial) => partialOf(["x", "y", "out"], partial)).join(", ");
  const number = stated(endsOf(domains[1]).reduce((a, b) => a + 0.7 * (b - a)));
  return [
    [
      `${core}/primitives/elementwise.ts`,
      before(
        "  and: binary(",
        `${todo(op, "value")}${todo(op, "partial")}  ${name}: binary({ promote: "real", value: ${arrow(["x", "y"], value)}, partials: [${rules}], cost: "function" }),`,
      ),
      importing("../rules/reads.js", rules),
    ],
    [
      `${core}/array/elementwise.ts`,
      before("  equal(y: ArrayLike)", `  ${name}(y: ArrayLike): NDArray {\n    return realPair("${name}", this, y);\n  }`),
    ],
    [
      `${core}/ops/binary.ts`,
      beforeDoc(
        "export const equal ",
        `/**
 * ${summary}
 *
 * @param x its shape broadcasts against that of y; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * ${name}(array([${xs.join(", ")}]), array([${ys.join(", ")}])).toArray(); // [${values.join(", ")}]
 */
export const ${name} = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "${name}").${name}(y);`,
      ),
    ],
    shader(op, ["x", "y"], "  and: "),
    [
      `${conformance}/rows/elementwise.ts`,
      before(
        "  equal: {",
        `  ${name}: { domain: [${domains.join(", ")}], number: ${number}, reference: (x, y) => ${reference}, numpy: ${JSON.stringify(`real_pair(${numpy})`)} },`,
      ),
    ],
    changeset(op),
  ];
}

/** Many numbers made one, over axes: a primitive and a method. @param {Operation} op @returns {Place[]} */
function reduction(op) {
  const { name, summary, value, partials, reference, domains, initial, numpy } = op;
  const step = value.replace(/\bvalue\b/g, "x[a]");
  const folded = (/** @type {number[]} */ values) =>
    stated(values.reduce((total, each) => evaluate(value, { total, value: each }), Number(initial)));
  return [
    [`${core}/primitives/reduction.ts`, before("  max: reduction,", `  ${name}: reduction,`)],
    [
      `${core}/array/reduction.ts`,
      before(
        "  max(axis?: Axes",
        `  ${name}(axis?: Axes, options?: Keep): NDArray {\n    return reduce("${name}", toFloat(this), axis, options);\n  }`,
      ),
    ],
    [
      `${core}/ops/reduction.ts`,
      beforeDoc(
        "export const max ",
        `/**
 * ${summary}
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * ${name}(array([[1, 2], [3, 4]]), 1).toArray(); // [${folded([1, 2])}, ${folded([3, 4])}]
 */
export const ${name} = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "${name}").${name}(axis, options);`,
      ),
    ],
    [
      `${core}/cpu/kernels/reduction.ts`,
      before(
        "  max: reduce(",
        `${todo(op, "value")}  ${name}: reduce(${initial}, (total, n, x, a, step) => {
    for (let i = 0; i < n; i++, a += step) total = ${step};
    return total;
  }),`,
      ),
    ],
    [
      `${core}/rules/weights.ts`,
      before("  max: attained,", `${todo(op, "partial")}  ${name}: ${partialOf(["x", "out"], partials[0], "{ axes }")},`),
    ],
    ["packages/gpu/src/webgl/kernels/reduction.ts", before("  max: folding(", `  ${name}: host("no shader is written yet"),`), importHost],
    [
      `${conformance}/rows/reduction.ts`,
      before(
        "  max: {",
        `  ${name}: { domain: ${domains[0]}, empty: true, reference: (values) => ${reference}, numpy: ${JSON.stringify(`lambda x, a, k: ${numpy}`)}, step: "domain" },`,
      ),
    ],
    changeset(op),
  ];
}

/** A function of one number with rules of its own, for bundles that use it alone: no primitive, no method. @param {Operation} op @returns {Place[]} */
function ownRules(op) {
  const { name, summary, value, partials, domains, numpy } = op;
  const points = pointsOf(domains[0]);
  const values = points.map((x) => stated(evaluate(value, { x })));
  return [
    [
      `${core}/special/${kebab(name)}.ts`,
      whole(`import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { elementwiseOperation } from "./operation.js";

${todo(op, "value").trimStart()}const operation = elementwiseOperation("${name}", ${plain(["x"], value)}, ${arrow(["x", "out"], partials[0])});

/**
 * ${summary}
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * ${name}(array([${points.join(", ")}])).toArray(); // [${values.join(", ")}]
 */
export const ${name} = (x: ArrayLike): NDArray => operation(x);
`),
    ],
    [`${core}/index.ts`, before('export { polygamma } from "./special/', `export { ${name} } from "./special/${kebab(name)}.js";`)],
    [
      `${conformance}/operations/special.ts`,
      after('  | ("erfInv" |', ` "${name}" |`),
      before("  besselI0: bessel,", `  ${name}: unary(${domains[0]}),`),
    ],
    [`${conformance}/hostile/forms.ts`, before("  erfInv: unary,", `  ${name}: unary,`)],
    [expectations, after('for op, f in {"erfInv": sp.erfinv,', ` "${name}": ${numpy},`)],
    changeset(op),
  ];
}

/** @type {Record<import("./operation.mjs").Kind, (op: Operation) => Place[]>} */
export const placesOf = { unary, binary, reduction, function: ownRules };

/** The family of packages/core/test/expectations that asks NumPy for operations of a kind. @type {Record<import("./operation.mjs").Kind, string>} */
export const expectedIn = { unary: "elementwise", binary: "elementwise", reduction: "reduction", function: "special-operations" };
