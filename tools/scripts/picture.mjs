// Draws docs/picture.svg, the picture in the README: loops over directions and points against one vectorised call, and that under jit, as measured here and now.
// node tools/scripts/picture.mjs, after npm run build
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { root } from "./run.mjs";

/** @param {string} name @returns {Promise<any>} */
const load = (name) => import(`../../packages/${name}/dist/index.js`);
const [{ array, grad, matmul }, { jvp }, { vmap }, { hessian, jacobian, jvpMany }, { jit }] = await Promise.all(
  ["core", "forward", "vmap", "functional", "jit"].map(load),
);

/** @param {number[]} shape */
const filled = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return array(
    Float64Array.from({ length: size }, (_, i) => Math.sin(i * i + 1) / 4),
    { shape },
  );
};

const [inward, outward] = [filled(50, 100), filled(100, 50)];
/** @typedef {import("../../packages/core/src/index.js").NDArray} NDArray */
const network = (/** @type {NDArray} */ x) => matmul(matmul(x, inward).tanh(), outward).tanh();
const loss = (/** @type {NDArray} */ x) => network(x).square().sum();
const [point, points, directions] = [filled(50), filled(1000, 50), filled(256, 50)];
const each = (/** @type {NDArray} */ rows) => Array.from({ length: rows.shape[0] }, (_, i) => rows.slice(i));

/** The computations, each by a loop and at once: a function and its arguments. @type {[title: string, loop: () => unknown, once: (...args: any[]) => unknown, args: NDArray[], calls: string][]} */
const workloads = [
  [
    "Jacobian, 50 × 50",
    () => jacobian(network, { vectorize: false })(point),
    jacobian(network),
    [point],
    "jacobian(f, { vectorize: false }) and jacobian(f)",
  ],
  ["Hessian, 50 × 50", () => hessian(loss, { vectorize: false })(point), hessian(loss), [point], "hessian, likewise"],
  [
    "256 JVPs at a point",
    () => each(directions).map((v) => jvp(network, [point], [v])),
    (x, vs) => jvpMany(network, [x], [vs]),
    [point, directions],
    "a loop of jvp, and jvpMany",
  ],
  ["1000 gradients", () => each(points).map(grad(loss)), vmap(grad(loss)), [points], "a loop of grad(f), and vmap(grad(f))"],
];

/** The fastest of many runs, in milliseconds, by turns, so that both meet the same machine. @param {(() => unknown)[]} runs */
function fastest(...runs) {
  const best = runs.map(() => Infinity);
  for (const begin = performance.now(); performance.now() - begin < 5000; )
    runs.forEach((run, i) => {
      const start = performance.now();
      run();
      best[i] = Math.min(best[i], performance.now() - start);
    });
  return best;
}

const rows = workloads.map(([title, slow, fast, args, calls]) => {
  const program = jit(fast);
  const [loop, once, compiled] = fastest(
    slow,
    () => fast(...args),
    () => program(...args),
  );
  return { title, calls, loop, once, compiled };
});

const [width, left, right, rowHeight, top] = [760, 190, 84, 83, 50];
const height = top + rows.length * rowHeight + 8;
/** The loop's bar is as wide as there is room; the other one has its share of that. @param {number} share */
const wide = (share) => (width - left - right) * share;
/** @param {number} ms */
const shown = (ms) => `${ms.toPrecision(2).replace(/\.0$/, "")} ms`;
/** @param {(typeof rows)[number]} row @param {number} i */
function bars({ title, loop, once, compiled }, i) {
  const y = top + i * rowHeight;
  const bar = (/** @type {string} */ kind, /** @type {number} */ ms, /** @type {number} */ at) =>
    `<rect class="${kind}" x="${left}" y="${at}" width="${wide(ms / loop).toFixed(1)}" height="18" rx="3"/>` +
    `<text class="number" x="${(left + wide(ms / loop) + 6).toFixed(1)}" y="${at + 13.5}">${shown(ms)}</text>`;
  return `<text class="title" x="${left - 12}" y="${y + 20}">${title}</text>
  <text class="ratio" x="${left - 12}" y="${y + 40}">${Math.round(loop / once)} times faster</text>
  <text class="ratio" x="${left - 12}" y="${y + 60}">under jit ${Math.round(loop / compiled)} times</text>
  ${bar("loop", loop, y + 4)}
  ${bar("once", once, y + 25)}
  ${bar("compiled", compiled, y + 46)}`;
}

const said = rows
  .map(({ title, loop, once, compiled, calls }) => `${title}: ${shown(loop)}, ${shown(once)} and under jit ${shown(compiled)} (${calls})`)
  .join("; ");
writeFileSync(
  join(root, "docs/picture.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title said">
  <title id="title">Loops against one vectorised call, and that compiled</title>
  <desc id="said">${said}. Made by tools/scripts/picture.mjs.</desc>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title, .ratio { text-anchor: end }
    .title { font-weight: 600 }
    .ratio, .number { fill: #57606a; font-size: 12px }
    .card { fill: #fff; stroke: #d0d7de }
    .loop { fill: #afb8c1 }
    .once { fill: #0969da }
    .compiled { fill: #1a7f37 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .ratio, .number { fill: #9aa4ae }
      .card { fill: #0d1117; stroke: #30363d }
      .loop { fill: #6e7681 }
      .once { fill: #4c9bff }
      .compiled { fill: #3fb950 }
    }
  </style>
  <rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
  <rect class="loop" x="${left}" y="22" width="12" height="12" rx="2"/><text x="${left + 18}" y="32.5">one after the other</text>
  <rect class="once" x="${left + 160}" y="22" width="12" height="12" rx="2"/><text x="${left + 178}" y="32.5">at once</text>
  <rect class="compiled" x="${left + 260}" y="22" width="12" height="12" rx="2"/><text x="${left + 278}" y="32.5">at once, under jit</text>
  ${rows.map(bars).join("\n  ")}
</svg>
`,
);
console.log(`${said}\n${cpus()[0].model}, Node ${process.versions.node}`);
