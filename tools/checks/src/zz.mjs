import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const root = process.argv[2] ?? "/work/main";
async function size(code, show) {
  const folder = `${root}/tools/checks`;
  const entry = `${folder}/entry.mjs`;
  const b = await rolldown({
    input: entry,
    external: ["ndarray"],
    platform: "browser",
    logLevel: "silent",
    resolve: { conditionNames: ["@ad/source", "import"], extensionAlias: { ".js": [".ts", ".js"] } },
    plugins: [{ name: "e", resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) }],
  });
  const { output } = await b.generate({ format: "esm", minify: true, comments: { legal: false } });
  if (show) {
    for (const [id, m] of Object.entries(output[0].modules)
      .filter(([id]) => id.includes("/jit/src"))
      .sort((a, b) => b[1].renderedLength - a[1].renderedLength))
      console.log(m.renderedLength, id.split("/src/")[1]);
  }
  return gzipSync(output[0].code, { level: 9 }).length;
}
const grad = `import { grad } from "@ad/core"; export const g = grad((x) => x.mul(x).sin().sum());`;
const compiled = `import { grad } from "@ad/core"; import { jit } from "@ad/jit"; export const g = jit(grad((x) => x.mul(x).sin().sum()));`;
const [a, b] = [await size(grad), await size(compiled, process.argv[3])];
console.log("grad", a, "jit", b, "around", b - a);
