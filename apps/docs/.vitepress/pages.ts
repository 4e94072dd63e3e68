import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DefaultTheme } from "vitepress";

// typedoc writes it before each build.
const api = fileURLToPath(new URL("../api/typedoc-sidebar.json", import.meta.url));

const section = (text: string, folder: string, pages: Readonly<Record<string, string>>): DefaultTheme.SidebarItem => ({
  text,
  items: Object.entries(pages).map(([page, title]) => ({ text: title, link: `/${folder}/${page}` })),
});

const pages: DefaultTheme.SidebarItem[] = [
  section("Begin", "guide", {
    start: "Start in five minutes",
    arrays: "Arrays",
    grad: "Gradients: grad and vjp",
    jvp: "Forward mode: jvp",
    vmap: "Batches: vmap",
  }),
  section("Jacobians and Hessians", "guide", {
    jacobian: "Many products in one call",
    rows: "Batch Jacobians and interacting rows",
    sparse: "Sparse Jacobians and Hessians",
    "sparse-solvers": "Sparse matrices and solvers",
  }),
  section("Programs", "guide", {
    trees: "Trees of parameters",
    control: "Control flow",
    custom: "Custom rules",
    linalg: "Linear algebra",
    random: "Random numbers",
    fit: "Fit data in five minutes",
    optimize: "Minimise and train",
    ode: "Differential equations",
    fft: "Fourier transforms",
    numerics: "Numerics and NaNs",
    jit: "Compiled programs: jit",
    gpu: "The GPU",
    performance: "Performance",
    errors: "Errors explained",
    lint: "Lint rules",
    browsers: "Browsers and CSP",
    workers: "In a worker",
    consoles: "Consoles and notebooks",
  }),
  section("Coming from", "from", {
    numpy: "NumPy",
    scipy: "SciPy",
    pytorch: "PyTorch",
    jax: "JAX",
    tensorflow: "TensorFlow.js",
    "jax-js": "jax-js",
  }),
  section("Examples", "gallery", {
    "": "All of them",
    "curve-fit": "Fit a curve",
    "robot-arm": "Aim a robot arm",
    play: "Play with an arm",
    cloth: "Play with a cloth",
    "lennard-jones": "Relax a cluster of atoms",
    sensitivity: "Learn an equation: a neural ODE",
    heat: "Look inside a rod: a PDE",
    pattern: "Grow a pattern: implicit steps",
    bundle: "See in three dimensions: sparse least squares",
    rendering: "Inverse rendering",
    laplace: "Uncertainty by the Hessian",
    lyapunov: "Lyapunov exponents",
    newton: "Newton's method",
    stiff: "A stiff reaction",
    poisson: "A loss with a Laplacian",
    "per-sample": "Gradients of each sample",
    certified: "A certified fit",
  }),
  section("Reference", "reference", {
    operations: "What every operation can do",
    benchmarks: "Benchmarks",
    programs: "Larger programs",
    licence: "Licence",
  }),
];

const packages: readonly DefaultTheme.SidebarItem[] = existsSync(api) ? JSON.parse(readFileSync(api, "utf8")) : [];

/** The API's list: all packages, and what is in one of them. All that is in all of them would be most of each page, and of its time to build. */
const apiList = (own?: string): DefaultTheme.SidebarItem[] => [
  { text: "API", items: packages.map((each) => (each.link === own ? each : { text: each.text, link: each.link })) },
];

export const sidebar: DefaultTheme.SidebarMulti = {
  "/": pages,
  "/api/": apiList(),
  ...Object.fromEntries(packages.map(({ link = "" }) => [link, apiList(link)])),
};
