import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium as playwright } from "playwright";
import { rolldown } from "rolldown";
import type { Page } from "./page.js";
import { type Kind, type Side, sides } from "./workloads.js";

/** The software renderers where there is no GPU: the browser's own, and the machine's OpenGL, which is Mesa's on Linux. */
export const renderers = {
  SwiftShader: ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  OpenGL: ["--use-angle=gl-egl", "--ignore-gpu-blocklist"],
} as const;
export type Renderer = keyof typeof renderers;

const peers = fileURLToPath(new URL("../../peers/", import.meta.url));
const peerFiles = ["tfjs-webgl.mjs", "jax-js-webgl.mjs"].map((name) => peers + name);

/** A module and all that it imports as one text. */
async function bundled(path: string): Promise<string> {
  const bundle = await rolldown({ input: path, resolve: { modules: [`${peers}node_modules`, "node_modules"] }, logLevel: "silent" });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

/** A browser with the page of the bench. */
export class Bench {
  static async open(renderer: Renderer, withPeers: boolean): Promise<Bench> {
    const { chromium } = (await import(new URL("../../../../tools/scripts/chromium.mjs", import.meta.url).href)) as {
      chromium: () => string | undefined;
    };
    const executablePath = chromium();
    const browser = await playwright.launch({
      ...(executablePath && { executablePath }),
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-sync",
        ...renderers[renderer],
      ],
    });
    const page = await browser.newPage();
    const own = fileURLToPath(new URL("./page.js", import.meta.url));
    const missing: string[] = [];
    for (const path of [own, ...(withPeers ? peerFiles : [])]) {
      const code = await bundled(path);
      const failed = await page.evaluate(async (text) => {
        try {
          await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
          return undefined;
        } catch (error) {
          return String(error);
        }
      }, code);
      if (failed && path === own) throw new Error(`${path}: ${failed}`);
      if (failed) missing.push(`${basename(path)}: ${failed}`);
    }
    const there = await page.evaluate(() => Object.keys((globalThis as unknown as { bench: Page }).bench.sides));
    const name = await page.evaluate(() => {
      const gl = document.createElement("canvas").getContext("webgl2");
      const info = gl?.getExtension("WEBGL_debug_renderer_info");
      return gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "unknown";
    });
    return new Bench(
      browser,
      page,
      name,
      browser.version(),
      sides.filter((side) => there.includes(side)),
      missing,
    );
  }

  private constructor(
    readonly browser: Browser,
    readonly page: Awaited<ReturnType<Browser["newPage"]>>,
    /** The name of the renderer, as the browser gives it. */
    readonly name: string,
    readonly version: string,
    /** The sides that can be measured, and the reasons for which the rest does not start here. */
    readonly sides: readonly Side[],
    readonly missing: readonly string[],
  ) {}

  prepare(side: Side, kind: Kind, n: number): Promise<number[]> {
    return this.page.evaluate(([side, kind, n]) => (globalThis as unknown as { bench: Page }).bench.prepare(side, kind, n), [
      side,
      kind,
      n,
    ] as const);
  }

  time(side: Side, milliseconds: number): Promise<number[]> {
    return this.page.evaluate(([side, ms]) => (globalThis as unknown as { bench: Page }).bench.time(side, ms), [
      side,
      milliseconds,
    ] as const);
  }

  submit(side: Side, milliseconds: number): Promise<number[]> {
    return this.page.evaluate(([side, ms]) => (globalThis as unknown as { bench: Page }).bench.submit(side, ms), [
      side,
      milliseconds,
    ] as const);
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

/** The version of a peer as it is installed. */
export const versionOf = (name: string): string => JSON.parse(readFileSync(`${peers}node_modules/${name}/package.json`, "utf8")).version;
