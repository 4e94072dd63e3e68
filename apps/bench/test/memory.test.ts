import { expect, test } from "vitest";
import { cases, measure } from "../src/memory/cases.js";

test("every case runs, and looks at memory within each batch", () => {
  for (const one of cases) {
    let looks = 0;
    const { result, batch } = measure(one, () => looks++, 300);
    expect(result).toBe(300 * 300 * 8);
    expect(batch).toBe(8 * (one.chunkSize ?? 300) * 300 * 8);
    expect(looks).toBeGreaterThan(300 / (one.chunkSize ?? 300));
  }
});
