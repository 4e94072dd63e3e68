// The browser that the tests of @ad/gpu run in: where it is, how it is started, and how it is got where there is none.
// node tools/scripts/chromium.mjs gets one and prints its path, which is empty where it is Playwright's own.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { succeeds } from "./run.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** The browser that CHROMIUM_PATH names, else an installed one; undefined leaves it to Playwright, which has its own or fails. */
export function chromium() {
  const places = [
    ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
  return process.env.CHROMIUM_PATH || places.find((place) => existsSync(place));
}

/** Without a window, as root too, with WebGL2 in software. AD_ANGLE=gl-egl takes the machine's OpenGL instead. */
export const flags = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--js-flags=--expose-gc",
  ...(process.env.AD_ANGLE
    ? [`--use-angle=${process.env.AD_ANGLE}`, "--ignore-gpu-blocklist"]
    : ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]),
];

/** Returns whether Playwright's own browser starts: it is installed without the system's libraries that it needs. */
const starts = () =>
  succeeds([
    "node",
    "--input-type=module",
    "-e",
    'await (await (await import("playwright")).chromium.launch({ args: ["--no-sandbox"] })).close()',
  ]);

/** Sees to it that there is a browser that starts: an installed one, Playwright's, or, as root on Debian, the distribution's. */
export function ensureBrowser() {
  const given = process.env.CHROMIUM_PATH;
  if (given && !existsSync(given)) {
    console.error(`CHROMIUM_PATH is ${given}, where there is no file.`);
    return false;
  }
  if (chromium()) return true;
  console.log("No Chromium or Chrome is installed; Playwright is asked for one.");
  if (succeeds(["node", "node_modules/playwright/cli.js", "install", "chromium"]) && starts()) return true;
  const root = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (root && succeeds(["apt-get", "update"]) && succeeds(["apt-get", "install", "-y", "--no-install-recommends", "chromium"])) return true;
  console.error(
    "There is no browser that starts here. Install Chromium or Chrome, or what Playwright's own needs (npx playwright install-deps chromium), or set CHROMIUM_PATH to one.",
  );
  return false;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = ensureBrowser() ? 0 : 1;
  console.log(chromium() ?? "");
}
