// Compiles the AssemblyScript beside it into src/cpu/wasm/binary.ts: npm run kernels
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = new URL("./", import.meta.url);
const options = "index.ts -o kernels.wasm -O3 --converge --noAssert --enable simd --runtime stub".split(" ");

/**
 * A byte as text: one character for the third of all bytes that is most used, and behind ! or # for the two others. After gzip that is a
 * tenth less than hexadecimal digits, and two fifths less than base64, which hides what repeats.
 * @param {number} byte
 */
function character(byte) {
  const place = (byte + 4) % 256;
  const at = place % 86;
  // Characters that JavaScript would read as something else, " and \\, are left out.
  return ["", "!", "#"][Math.floor(place / 86)] + String.fromCharCode(at < 52 ? 40 + at : 41 + at);
}

/** The text of src/cpu/wasm/binary.ts. package.json names one version of the compiler: the same source gives the same bytes everywhere. */
export async function compile() {
  /** @type {Uint8Array | undefined} */
  let bytes;
  const { error, stderr } = await asc.main(options, {
    readFile: (name) => (/^\w+\.ts$/.test(name) ? readFileSync(new URL(name, here), "utf8") : null),
    writeFile: (_, contents) => {
      bytes = /** @type {Uint8Array} */ (contents);
    },
    listFiles: () => [],
  });
  if (error || !bytes) throw new Error(`${stderr}`, { cause: error });
  const text = Array.from(bytes, character).join("");
  return `// npm run kernels makes this of packages/core/kernels; a test holds the two together.\nexport const binary =\n  "${text}";\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(new URL("../src/cpu/wasm/binary.ts", here), await compile());
