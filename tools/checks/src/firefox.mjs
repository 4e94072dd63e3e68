// The packed packages in Firefox: a page without a bundler that loads every entry, and one that computes on the GPU by WebGL2. The pages post what
// they show, so that nothing but the browser is needed. FIREFOX_PATH names it, else firefox-esr or firefox is taken. Without a screen WebGL2 needs
// a virtual one: xvfb-run, where it is installed.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { everything, page, serve } from "./page.mjs";
import { each, inProject, program, shortNames } from "./stranger.mjs";
import { isMain } from "./workspace.mjs";

/** Nothing of this may ask for anything beside the pages, or wait for someone's answer. */
const preferences = {
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "webgl.force-enabled": true,
};

/** The posts of a page at its end: an error's text or what its body shows. */
const posts = `
addEventListener("error", ({ message }) => fetch("/", { method: "POST", body: message }));
addEventListener("unhandledrejection", ({ reason }) => fetch("/", { method: "POST", body: String(reason) }));
`;

const onGPU = `import { array, grad } from "@ad/core";
import { webgl } from "@ad/gpu";
const device = await webgl();
const f = (x) => x.matmul(x.T).exp().sum();
const x = array([[0.5, 1], [-1, 0.25]], { dtype: "float32" });
const [there, here] = [grad(f)(x.to(device)), grad(f)(x)];
document.body.textContent = (await there.to("cpu")).sub(here).abs().max().item() < 1e-5;`;

/** @param {string} command @param {string[]} args */
const runs = (command, ...args) => spawnSync(command, args, { encoding: "utf8" }).stdout?.trim();

/**
 * Opens a page of a folder, and returns what it posts.
 * @param {string} browser
 * @param {string} folder
 * @param {string} file
 * @returns {Promise<string>}
 */
async function shown(browser, folder, file) {
  const profile = mkdtempSync(join(tmpdir(), "ad-firefox-"));
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`);
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const virtual = !process.env.DISPLAY && runs("which", "xvfb-run");
  /** @type {(text: string) => void} */
  let said = () => {};
  const text = new Promise((resolve, reject) => {
    said = resolve;
    setTimeout(() => reject(new Error("the page said nothing for a minute")), 60_000).unref();
  });
  const { port, close } = await serve(folder, said);
  const command = [browser, "--no-remote", "--profile", profile, `http://127.0.0.1:${port}/${file}`];
  const [program, ...args] = virtual ? ["xvfb-run", "-a", ...command] : process.env.DISPLAY ? command : [...command, "--headless"];
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  try {
    return await text;
  } finally {
    // xvfb-run's children go with it.
    if (child.pid) process.kill(-child.pid);
    close();
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(profile, { recursive: true, force: true, maxRetries: 9, retryDelay: 100 });
  }
}

if (isMain(import.meta.url)) {
  const browser = process.env.FIREFOX_PATH || ["firefox-esr", "firefox"].find((name) => runs(name, "--version"));
  if (browser === undefined) {
    console.log("not tried: there is no Firefox here; install one, or name it in FIREFOX_PATH");
  } else {
    const tarballs = pack();
    const end = `fetch("/", { method: "POST", body: document.body.textContent });`;
    const pages = { "every entry": [everything(), program.prints], "a gradient on the GPU": [page(onGPU), "true"] };
    await inProject(tarballs, shortNames(tarballs), {}, (folder) =>
      each(
        Object.entries(pages).map(([title, [html, expected]], i) => [
          title,
          async () => {
            const script = html
              .replace("<script ", `<script>${posts}</script>\n<script `)
              .replace(/\n<\/script>\n$/, `\n${end}\n</script>\n`);
            writeFileSync(join(folder, `page${i}.html`), script);
            const text = await shown(browser, folder, `page${i}.html`);
            if (text !== expected) throw new Error(`shows ${text}, not ${expected}`);
          },
        ]),
      ),
    );
    console.log(`${Object.keys(pages).length} pages in ${runs(browser, "--version")}`);
  }
}
