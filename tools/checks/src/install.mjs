// Installs the packed packages with plain npm into empty projects outside the repository, and uses them there as a stranger would: in JavaScript,
// and in TypeScript with the compiler of this repository and with the oldest that the packages promise.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { each, execute, inProject } from "./stranger.mjs";
import { isMain, oldestTsc, tsc } from "./workspace.mjs";

/** The start of every project's script. */
export const preamble = `
import { createRequire } from "node:module";
const manifestOf = (name) => createRequire(import.meta.url)(name + "/package.json");
const close = (actual, expected, what) => {
  const a = [actual].flat(9), b = [expected].flat(9);
  const same = a.length === b.length && a.every((each, i) => Math.abs(each - b[i]) <= 1e-12 * Math.max(1, Math.abs(b[i])));
  if (!same) throw new Error(what + ": expected " + JSON.stringify(expected) + ", got " + JSON.stringify(actual));
};
`;

/**
 * @typedef {object} Project
 * @property {string} title
 * @property {string[]} install the packages that the user names
 * @property {string[]} present what stands in node_modules/@ad afterwards
 * @property {string} script an ES module for node
 * @property {string} [types] a TypeScript module that must compile
 * @property {string[]} [lib] what its compiler knows of besides the project's packages
 */

/** @type {Project[]} */
export const projects = [
  {
    title: "core alone: grad",
    install: ["core"],
    present: ["core"],
    script: `
import { array, grad } from "@ad/core";
const x = array([0.5, 1, 2]);
close(grad((x) => x.mul(x).sin().sum())(x).toArray(), [0.5, 1, 2].map((x) => 2 * x * Math.cos(x * x)), "grad");
`,
  },
  {
    title: "core and forward: jvp",
    install: ["core", "forward"],
    present: ["core", "forward"],
    script: `
import { array } from "@ad/core";
import { jvp } from "@ad/forward";
const [out, tangent] = jvp((x, y) => x.mul(y).exp(), [array([1, 2]), array([0.5, 0.25])], [array([1, 0]), array([0, 1])]);
close(out.toArray(), [Math.exp(0.5), Math.exp(0.5)], "primal");
close(tangent.toArray(), [0.5 * Math.exp(0.5), 2 * Math.exp(0.5)], "tangent");
`,
    types: `
import { array, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
const [out, tangent] = jvp((x: NDArray) => x.sin(), [array([1, 2])], [array([1, 0])]);
export const both: readonly [NDArray, NDArray] = [out, tangent];
// @ts-expect-error: jvp's result is an array, not a number
export const wrong: number = tangent;
`,
  },
  {
    title: "functional: jacobian",
    install: ["core", "functional"],
    present: ["core", "forward", "functional", "vmap"],
    script: `
import { array, stack } from "@ad/core";
import { jacobian } from "@ad/functional";
const f = (x) => x.slice([0, 2]).mul(x.slice([1, 3])).sin();
const x = [0.5, 1, 2];
const expected = [0, 1].map((i) => x.map((_, j) => (j === i ? x[i + 1] : j === i + 1 ? x[i] : 0) * Math.cos(x[i] * x[i + 1])));
for (const vectorize of [true, false]) close(jacobian(f, { vectorize })(array(x)).toArray(), expected, "jacobian, vectorize " + vectorize);
`,
    types: `
import { array, grad, type NDArray } from "@ad/core";
import { hessian, hvp, jacobian } from "@ad/functional";
import { vmap } from "@ad/vmap";
const f = (p: { a: NDArray; b: NDArray }) => ({ c: p.a.mul(p.b) });
export const block: NDArray = jacobian(f, { vectorize: false, strategy: "forward" })({ a: array([1]), b: array([2]) }).c.a;
export const second: NDArray = hessian((x) => x.square().sum())(array([1, 2]));
const g = (a: NDArray, p: { b: NDArray }) => a.mul(p.b).sum();
export const last: { b: NDArray } = grad(g, { argnums: -1 })(array([1]), { b: 2 });
export const blocks: [NDArray, { b: NDArray }] = jacobian(g, { argnums: [0, 1] })(array([1]), { b: array([2]) });
export const lanes: NDArray = vmap((x: NDArray, y: NDArray) => x.dot(y), { inAxes: [0, null] })(array([[1, 2]]), array([1, 2]));
export const [value, [pushed]]: [NDArray, [NDArray]] = hvp((x: NDArray) => x.prod(), [array([1, 2])], [array([1, 0])]);
// @ts-expect-error: there is no such option
jacobian(f, { vectorise: true });
// @ts-expect-error: b is missing
grad(g, { argnums: 1 })(array([1]), {});
`,
  },
  {
    title: "core and vmap: vmap of grad",
    install: ["core", "vmap"],
    present: ["core", "vmap"],
    script: `
import { array, grad } from "@ad/core";
import { vmap } from "@ad/vmap";
close(vmap(grad((x) => x.square().sum()))(array([[1, 2], [3, 4]])).toArray(), [[2, 4], [6, 8]], "vmap of grad");
`,
  },
  {
    title: "core and fft: a gradient through a spectrum",
    install: ["core", "fft"],
    present: ["core", "fft"],
    script: `
import { array, grad } from "@ad/core";
import { complex, fft, irfft, rfft } from "@ad/fft";
close(fft([1, 2, 3, 4]).im.toArray(), [0, 2, 0, -2], "fft");
close(grad((x) => complex.abs2(fft(x)).sum())(array([1, 2])).toArray(), [4, 8], "grad");
close(irfft(rfft([1, 2, 5]), { n: 3 }).toArray(), [1, 2, 5], "irfft");
`,
    types: `
import type { NDArray } from "@ad/core";
import { type Complex, dct, fft } from "@ad/fft";
const z: Complex = fft({ re: [1, 2], im: 0 }, { norm: "ortho" });
export const c: NDArray = dct(z.re, { type: 3 });
// @ts-expect-error: there is no such type
dct(z.re, { type: 5 });
`,
  },
  {
    title: "core and random: a derivative through a draw",
    install: ["core", "random"],
    present: ["core", "random"],
    script: `
import { grad } from "@ad/core";
import { bits, key, uniform } from "@ad/random";
close(bits(key(0), [2]).toArray(), [-224768089, -91998574], "bits");
close(grad((max) => uniform(key(0), [], { max }))(2).item(), uniform(key(0)).item(), "uniform");
`,
    types: `
import type { NDArray } from "@ad/core";
import { gamma, key, split } from "@ad/random";
const [a, b] = split(key(1)) as unknown as [NDArray, NDArray];
export const draws: NDArray = gamma(a, [3], b.astype("float64"), { dtype: "float32" });
// @ts-expect-error: there is no such dtype
gamma(a, [3], 1, { dtype: "int8" });
`,
  },
  {
    title: "core and sparse: a Jacobian of three diagonals",
    install: ["core", "sparse"],
    present: ["core", "forward", "functional", "sparse", "vmap"],
    script: `
import { array, linspace } from "@ad/core";
import { coloring, sparseHessian, sparseJacobian, sparsity } from "@ad/sparse";
const rod = (u) => u.roll(1).add(u.roll(-1)).sub(u.square());
if (coloring(sparsity(rod)(linspace(0, 1, 9))).count !== 3) throw new Error("not three colours");
close(sparseJacobian(rod)(array([1, 2, 3])).toDense().toArray(), [[-2, 1, 1], [1, -4, 1], [1, 1, -6]], "sparseJacobian");
close(sparseHessian((u) => rod(u).sum())(array([1, 2, 3])).values.toArray(), [-2, -2, -2], "sparseHessian");
`,
    types: `
import { array, type NDArray } from "@ad/core";
import { type Pattern, type SparseMatrix, sparseJacobian, sparsity, valueAndSparseJacobian } from "@ad/sparse";
const f = (p: { w: NDArray; b: NDArray }) => p.w.mul(p.b);
const at = { w: array([1, 2]), b: array([3, 4]) };
export const pattern: Pattern = sparsity(f)(at);
export const blocks: { w: SparseMatrix; b: SparseMatrix } = sparseJacobian(f)(at);
export const whole: SparseMatrix = sparseJacobian(f, { flat: true })(at);
export const [value, { w }]: [NDArray, { w: SparseMatrix; b: SparseMatrix }] = valueAndSparseJacobian(f)(at);
// @ts-expect-error: there is no such option
sparseJacobian(f, { colouring: pattern });
`,
  },
  {
    title: "core and solve: implicit derivatives, a differential equation, a fit",
    install: ["core", "solve"],
    present: ["core", "forward", "functional", "solve", "vmap"],
    script: `
import { array, grad } from "@ad/core";
import { adam, applyUpdates, minimize, odeSolve, root } from "@ad/solve";
const within = (actual, expected, what) => close(Math.abs(actual - expected) < 1e-8 ? expected : actual, expected, what);
const square = (a) => root((x) => x.square().sub(a), 1).x;
within(square(array(2)).item(), Math.SQRT2, "root");
within(grad(square)(2).item(), Math.SQRT1_2 / 2, "grad of root");
const fall = (k) => odeSolve((t, y) => y.mul(k).neg(), array([1]), [0, 1], { rtol: 1e-10, atol: 1e-12 }).ys.slice(-1).sum();
within(fall(array(0.5)).item(), Math.exp(-0.5), "odeSolve");
within(grad(fall)(0.5).item(), -Math.exp(-0.5), "grad of odeSolve");
if (!minimize((x) => x.sub(3).square().sum(), array([0, 1])).converged) throw new Error("minimize has not converged");
const optimizer = adam(0.1);
const [updates] = optimizer.update(array([1]), optimizer.init(array([2])));
within(applyUpdates(array([2]), updates).sum().item(), 1.9, "adam");
`,
    types: `
import { array, type NDArray } from "@ad/core";
import { leastSquares, type Minimum, minimize, root } from "@ad/solve";
const both = root((p: { a: NDArray; b: NDArray }) => [p.a.sub(1), p.b.sub(p.a)], { a: array(0), b: array(0) });
export const x: { a: NDArray; b: NDArray } = both.x;
export const least: Minimum<NDArray> = minimize((x: NDArray) => x.square().sum(), array([1, 2]));
export const cost: NDArray = leastSquares((x: NDArray) => x.sub(2), array([0])).cost;
// @ts-expect-error: there is no such method
root((x: NDArray) => x.sub(1), array(0), { method: "secant" });
`,
  },
  {
    title: "core and jit: a compiled gradient",
    install: ["core", "jit"],
    present: ["core", "jit"],
    script: `
import { array, foriLoop, grad } from "@ad/core";
import { jit } from "@ad/jit";
let traced = 0;
const f = (x) => (traced++, x.mul(x).sin().sum());
const slope = jit(grad(f));
const xs = [0.5, 1, 2];
for (const k of [1, 2, 3]) close(slope(array(xs).mul(k)).toArray(), xs.map((x) => 2 * k * x * Math.cos(k * x * k * x)), "jit of grad");
if (traced !== 1) throw new Error("f was traced " + traced + " times");
close(jit(grad((x) => foriLoop(0, 3, (_, y) => y.mul(x), 1)))(array(2)).item(), 12, "a loop in a program");
`,
    types: `
import { array, grad, type NDArray } from "@ad/core";
import { jit, type Jitted } from "@ad/jit";
const loss = (p: { w: NDArray }, x: NDArray) => p.w.mul(x).sum();
export const slope: Jitted<[{ w: NDArray }, NDArray], NDArray> = jit(loss);
export const value: NDArray = slope({ w: 2 }, array([1]));
export const gradient: { w: NDArray } = jit(grad(loss))({ w: array([1]) }, array([1]));
await slope.compile({ w: array([1]) }, array([1]));
// @ts-expect-error: there is no such option
jit(loss, { static: 0 });
// @ts-expect-error: x is missing
slope({ w: 2 });
`,
  },
  {
    title: "eslint-plugin: its rules load without a second package",
    install: ["eslint-plugin"],
    present: ["eslint-plugin"],
    script: `
import ad from "@ad/eslint-plugin";
close(Object.keys(ad.configs.recommended.rules).filter((name) => !ad.rules[name.replace("@ad/", "")]).length, 0, "rules without code");
close(Object.keys(ad.rules).length, 2, "rules");
`,
  },
  {
    title: "core and gpu: loads, and says what is missing, where there is no WebGL2",
    install: ["core", "gpu"],
    present: ["core", "gpu"],
    script: `
import { ADError } from "@ad/core";
import { webgl } from "@ad/gpu";
const error = await webgl().then(() => null, (reason) => reason);
if (!(error instanceof ADError) || !/WebGL2/.test(error.message)) throw new Error("webgl: " + error);
`,
    lib: ["ES2022", "DOM", "ESNext.Disposable"],
    types: `
import { array, type NDArray } from "@ad/core";
import { webgl } from "@ad/gpu";
export const moved: NDArray = array([1]).to(await webgl({ memoryBudget: 1e6 }));
`,
  },
];

/**
 * @param {Project} project
 * @param {Map<string, string>} tarballs
 */
export const tryOut = (project, tarballs) =>
  inProject(tarballs, project.install, {}, (folder) => {
    const present = readdirSync(join(folder, "node_modules/@ad")).sort();
    if (present.join() !== project.present.join())
      throw new Error(`installed ${present.join(", ")} instead of ${project.present.join(", ")}`);
    for (const name of present) {
      if (existsSync(join(folder, "node_modules/@ad", name, "node_modules/@ad")))
        throw new Error(`@ad/${name} brings a second copy of its sibling`);
    }

    const manifests = present.map((name) => `if (manifestOf("@ad/${name}").name !== "@ad/${name}") throw new Error("no manifest");\n`);
    writeFileSync(join(folder, "index.js"), preamble + manifests.join("") + project.script);
    execute(folder, process.execPath, ["index.js"]);
    if (project.types !== undefined) compile(folder, tsc, [project]);
  });

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "ES2022",
  types: [],
  noEmit: true,
  // The types of packages are checked, those of the compiler's own library are not.
  skipLibCheck: false,
  skipDefaultLibCheck: true,
};

/** Compiles the TypeScript of projects with one library around them. @param {string} folder @param {string} compiler @param {readonly Project[]} projects */
function compile(folder, compiler, projects) {
  const files = projects.map((_, i) => `index${i}.ts`);
  for (const [i, file] of files.entries()) writeFileSync(join(folder, file), projects[i].types ?? "");
  for (const resolution of [{ module: "NodeNext" }, { module: "ESNext", moduleResolution: "Bundler" }]) {
    const compilerOptions = { ...strict, ...resolution, lib: libOf(projects[0]) };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    execute(folder, process.execPath, [compiler, "-p", "."]);
  }
}

/** @param {Project} project */
const libOf = ({ lib }) => lib ?? ["ES2022"];

/** The oldest compiler takes two seconds to start: it reads the types of all projects at once, whose packages are installed together. @param {Map<string, string>} tarballs */
function tryOldest(tarballs) {
  const typed = projects.filter(({ types }) => types !== undefined);
  const names = [...new Set(typed.flatMap(({ install }) => install))];
  return inProject(tarballs, names, {}, (folder) => {
    for (const lib of new Set(typed.map((project) => libOf(project).join())))
      compile(
        folder,
        oldestTsc,
        typed.filter((project) => libOf(project).join() === lib),
      );
  });
}

if (isMain(import.meta.url)) {
  const tarballs = pack();
  // With the number of a turn a third of the projects are made; the oldest compiler meets all of them together.
  const [turn] = process.argv.slice(2);
  const due = projects.filter((_, i) => turn === undefined || (i + Number(turn)) % 3 === 0);
  await each([
    ...due.map((project) => /** @type {const} */ ([project.title, () => tryOut(project, tarballs)])),
    ["the oldest compiler that is promised", () => tryOldest(tarballs)],
  ]);
  console.log(`${due.length} of ${projects.length} projects`);
}
