import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/**
 * Runs a function with a module of this folder, the packages' sources behind it, and with others that it is given the places of.
 * @param {string} path @param {(module: any, ...others: any[]) => unknown} use @param {...URL} others
 */
export async function withModule(path, use, ...others) {
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
    const loaded = [];
    for (const each of [path, ...others.map((other) => fileURLToPath(other))]) loaded.push(await server.ssrLoadModule(each));
    const [module, ...rest] = loaded;
    await use(module, ...rest);
  } finally {
    await server.close();
  }
}
