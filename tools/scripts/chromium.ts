import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const places = [
  ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The browser that CHROMIUM_PATH names, else an installed one; undefined leaves it to Playwright, which has its own or fails. */
export const chromium = (): string | undefined => process.env.CHROMIUM_PATH || places.find(existsSync);

/** Without a window, as root, with WebGL2 in software; AD_ANGLE=gl-egl takes the machine's OpenGL. */
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
