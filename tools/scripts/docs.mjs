// npm run docs: installs, builds the documentation, and serves it until it is interrupted. It serves a copy, so that the next build does
// not disturb it. npm run docs -- --live shows each change of a page at once instead, and -- --port 5000 serves at a port of your choice.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { install, pnpm, root, run, succeeds } from "./run.mjs";

const usual = 4173;

/** @returns {{ live: boolean, port?: string | undefined }} */
function options() {
  try {
    return { live: false, ...parseArgs({ options: { port: { type: "string" }, live: { type: "boolean" } } }).values };
  } catch (error) {
    console.error(`docs: ${/** @type {Error} */ (error).message}. The options are --port and --live: npm run docs -- --port 5000`);
    process.exit(2);
  }
}

/** Returns whether nothing listens at a port: a server on all addresses is seen, and one on this machine's own. @param {number} port */
async function isFree(port) {
  const isTaken = await new Promise((resolve) => {
    const socket = connect(port, "localhost", () => resolve(true)).on("error", () => resolve(false));
    socket.setTimeout(1000, () => resolve(true));
    socket.unref();
  });
  return (
    !isTaken &&
    new Promise((resolve) => {
      const server = createServer().on("error", () => resolve(false));
      server.listen(port, () => server.close(() => resolve(true)));
    })
  );
}

/** The port that was asked for, or the first free one. @param {string | undefined} asked @returns {Promise<number>} */
async function portOf(asked) {
  if (asked === undefined) {
    for (let port = usual; port < usual + 100; port++) if (await isFree(port)) return port;
    console.error(`docs: the ports ${usual} to ${usual + 99} are taken; name another: npm run docs -- --port 5000`);
    process.exit(1);
  }
  const port = Number(asked);
  if (!Number.isInteger(port) || port < 1 || port > 65535) console.error(`docs: --port is ${asked}, but 1 to 65535 is wanted`);
  else if (await isFree(port)) return port;
  else console.error(`docs: port ${port} is taken; name another, or none, and a free one is found`);
  process.exit(1);
}

const { live, port: asked } = options();
const port = await portOf(asked);
const vitepress = (/** @type {string[]} */ ...args) =>
  pnpm("--silent", "--filter", "@ad/docs", "exec", "vitepress", ...args, "--port", String(port));

if (!run("install the dependencies", install)) {
  process.exitCode = 1;
} else if (live) {
  const ok = run("make the pages of the reference", pnpm("--silent", "--filter", "@ad/docs", "exec", "typedoc"));
  process.exitCode = ok && run(`show the documentation at http://localhost:${port} and follow its changes`, vitepress("dev")) ? 0 : 1;
} else if (
  run(
    "build the documentation: one to two minutes, unless nothing has changed",
    pnpm("exec", "turbo", "run", "build", "--filter=@ad/docs", "--output-logs=new-only"),
  )
) {
  const served = mkdtempSync(join(tmpdir(), "ad-docs-"));
  // An interrupt ends the server as well; this program stays to clear up.
  process.on("SIGINT", () => {});
  cpSync(join(root, "apps/docs/dist"), served, { recursive: true });
  console.log(`\n▶ serve the documentation at http://localhost:${port}`);
  process.exitCode = succeeds(vitepress("preview"), { AD_DOCS_SERVED: served }) ? 0 : 1;
  rmSync(served, { recursive: true, force: true });
} else {
  process.exitCode = 1;
}
