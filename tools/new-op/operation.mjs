// An operation as it is asked for: its formulas, and for those that were not given the simplest that is right.

/**
 * @typedef {object} Operation
 * @property {string} name
 * @property {string} summary what it is, for its documentation
 * @property {string} value its value, in plain numbers
 * @property {string[]} partials its derivatives, in array operations
 * @property {string} reference its value once more, by another formula, for the tests
 * @property {string[]} domains what its samples are drawn from
 * @property {string} initial what a reduction begins with
 * @property {string | undefined} glsl its value, in a shader
 * @property {string} numpy its value, in NumPy
 * @property {string[]} missing the formulas that nobody gave
 */

/** @typedef {"unary" | "binary" | "reduction" | "function"} Kind */

/** The formulas where none is given: the identity, and sums of two and of many. @type {Record<Kind, Omit<Operation, "name" | "missing" | "glsl">>} */
const simplest = {
  unary: { summary: "x itself.", value: "x", partials: ["1"], reference: "x", domains: ["real(-2, 2)"], initial: "", numpy: "lambda x: x" },
  binary: {
    summary: "x + y.",
    value: "x + y",
    partials: ["1", "1"],
    reference: "x + y",
    domains: ["real(-2, 2)", "real(-2, 2)"],
    initial: "",
    numpy: "np.add",
  },
  reduction: {
    summary: "The sum of the elements over axes.",
    value: "total + value",
    partials: ["x.filled(1, x.aval)"],
    reference: "total(values)",
    domains: ["real(-2, 2)"],
    initial: "0",
    numpy: "np.sum(floating(x), axis=a, keepdims=k)",
  },
  function: {
    summary: "x itself.",
    value: "x",
    partials: ["x.filled(1, x.aval)"],
    reference: "x",
    domains: ["real(-0.8, 0.8)"],
    initial: "",
    numpy: "lambda x: x",
  },
};

export const kinds = /** @type {Kind[]} */ (Object.keys(simplest));

/** The names of formulas on the command line. */
const optionOf = /** @type {const} */ ({ summary: "summary", value: "value", partials: "partial", numpy: "numpy", domains: "domain" });

/**
 * @param {Kind} kind
 * @param {string} name
 * @param {Record<string, string | string[] | undefined>} given
 * @returns {Operation}
 */
export function operationOf(kind, name, given) {
  const base = simplest[kind];
  for (const [key, option] of [
    ["partials", "partial"],
    ["domains", "domain"],
  ]) {
    const count = base[/** @type {"partials"} */ (key)].length;
    if (given[option] && given[option].length !== count)
      throw new Error(`--${option}: ${given[option].length} given; a ${kind} operation has ${count}.`);
  }
  const missing = Object.values(optionOf).filter((option) => given[option] === undefined);
  if ((kind === "unary" || kind === "binary") && given.glsl === undefined) missing.push(/** @type {any} */ ("glsl"));
  const asked = Object.fromEntries(Object.entries(optionOf).map(([key, option]) => [key, given[option]]));
  const others = {
    initial: given.initial,
    reference: given.reference ?? (kind === "reduction" ? undefined : given.value),
    glsl: given.glsl,
  };
  const defined = Object.fromEntries(Object.entries({ ...asked, ...others }).filter(([, value]) => value !== undefined));
  return /** @type {Operation} */ ({ name, ...base, ...defined, missing });
}

/** The ends of a domain such as real(0.2, 0.8). @param {string} domain @returns {[number, number]} */
export function endsOf(domain) {
  const [a = -2, b = 2] = (domain.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
  return [a, b];
}

/** Two points inside of a domain. @param {string} domain */
export function pointsOf(domain) {
  const [a, b] = endsOf(domain);
  return [0.25, 0.75].map((t) => Number((a + (b - a) * t).toFixed(3)));
}

/** A value as an example states it: to six decimals. @param {number} value */
export const stated = (value) => String(Number(value.toFixed(6)));

/** An arrow function of those of the parameters that an expression uses: a place that is not needed is an underscore. @param {string[]} names @param {string} body */
export function arrow(names, body) {
  const used = names.map((name) => new RegExp(`\\b${name}\\b`).test(body));
  const count = used.lastIndexOf(true) + 1;
  const parameters = names.slice(0, count).map((name, i) => (used[i] ? name : used.slice(0, i).every(Boolean) ? "_" : `_${name}`));
  return `(${parameters.join(", ")}) => ${body}`;
}

/**
 * A rule that says what it reads: ofX((x) => …), and passesXYOut where it is three. `params` are the parameters, if the partial may use them.
 * @param {string[]} names @param {string} partial @param {string} [params]
 */
export function partialOf(names, partial, params = "") {
  if (!Number.isNaN(Number(partial)) && params === "") return partial;
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(partial));
  const read = used.length > 0 ? used : names.slice(0, 1);
  const all = read.map((name) => name[0].toUpperCase() + name.slice(1)).join("");
  const needs = (params.match(/\w+/g) ?? []).some((name) => new RegExp(`\\b${name}\\b`).test(partial));
  const list = [...read, ...(needs ? [params] : [])].join(", ");
  return read.length < 3 ? `of${all}((${list}) => ${partial})` : `passes${all}((t, ${list}) => t.mul(${partial}))`;
}

/** A function of plain numbers: Math.sin(x) is Math.sin. @param {string[]} names @param {string} value */
export const plain = (names, value) => value.match(/^Math\.\w+(?=\(x\)$)/)?.[0] ?? arrow(names, value);

/** The value of a formula in plain numbers. @param {string} formula @param {Record<string, number>} at */
export const evaluate = (formula, at) => Number(new Function(...Object.keys(at), `return ${formula};`)(...Object.values(at)));
