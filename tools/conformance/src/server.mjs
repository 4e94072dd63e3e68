import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/**
 * Runs a function with a module of this folder, the packages' sources behind it.
 * @param {string} path @param {(module: any) => unknown} use
 */
export async function withModule(path, use) {
  const conditions = ["@ad/source"];
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL("..", import.meta.url)),
    appType: "custom",
    logLevel: "warn",
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, ws: false, watch: null },
    resolve: { conditions },
    ssr: { noExternal: [/^@ad\//], resolve: { conditions } },
  });
  try {
    await use(await server.ssrLoadModule(path));
  } finally {
    await server.close();
  }
}
