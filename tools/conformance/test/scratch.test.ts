import { expect, test } from "vitest";
import { attack, targets } from "../src/hostile/attack.js";

test("r", { timeout: 300000 }, async () => {
  const random = targets.slice(-0);
  const seen = new Map<string, number>();
  let n = 0;
  for (let seed = 0; seed < 500000; seed++) {
    const f = await attack(seed, undefined);
    if (f) {
      n++;
      const k = f.what.split("\n")[0];
      if ((seen.get(k) ?? 0) < 1) console.log(f.call, "\n   ", f.what);
      seen.set(k, 1);
    }
  }
  console.log(n, random.length);
});
