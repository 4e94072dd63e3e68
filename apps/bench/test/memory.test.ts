import { describe, expect, test } from "vitest";
import { cases, measure } from "../src/memory/cases.js";
import { compared } from "../src/memory/peers.js";
import { heldBy, peakOf, programs } from "../src/memory/programs.js";
import { judged, page, type Row, showMegabytes, showPerStep } from "../src/memory/report.js";

test("every case runs, and looks at memory within each batch", () => {
  for (const one of cases) {
    let looks = 0;
    const { result, batch } = measure(one, () => looks++, 300);
    expect(result).toBe(300 * 300 * 8);
    expect(batch).toBe(8 * (one.chunkSize ?? 300) * 300 * 8);
    expect(looks).toBeGreaterThan(300 / (one.chunkSize ?? 300));
  }
});

describe("programs", () => {
  const digests: Readonly<Record<string, number>> = {
    // Σ 0.5 · (1 + … + 6) over 9 elements, and its gradient; its second derivative is zero.
    "products, plain": 94.5,
    ...Object.fromEntries(["vjp", "grad", "vmap(grad)", "jacrev"].map((transform) => [`products, ${transform}`, 189])),
    "products, hvp": 0,
  };

  test.each(programs)("$name computes what it should, and looks at memory", (program) => {
    const small = { name: program.name, steps: 6, n: 3 };
    const { digest, peak } = peakOf(small);
    const same = { "checkpoint(block)": "block", "loop, true": "loop", "loop, sqrt": "loop", "loop, log": "loop" }[program.name];
    const expected = digests[program.name] ?? (same === undefined ? undefined : peakOf({ ...small, name: same }).digest);
    if (expected === undefined) expect(Math.abs(digest)).toBeGreaterThan(0);
    else expect(digest).toBeCloseTo(expected, 10);
    expect(peak).toBeGreaterThanOrEqual(0);
    let looks = 0;
    heldBy(small, () => looks++);
    expect(looks).toBeGreaterThanOrEqual(program.group.startsWith("stack") ? 2 : 12);
  });

  test("their names are their own, and what one is measured against comes before it", () => {
    const names = programs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    programs.forEach(({ against }, i) => {
      if (against) expect(names.slice(0, i)).toContain(against.name);
    });
  });
});

describe("the report", () => {
  const [sines, determinant] = ["sines", "sines and det"].map((name) => programs.find((program) => program.name === name));
  const row = (program: Row["program"], peak: number): Row => ({
    program,
    held: 20 * program.bytes,
    peaks: { ad: { peak, seconds: 1, digest: 2 }, jax: { missing: "no module jax" } },
  });

  test("judges by steps, by bytes, and by another program", () => {
    if (!sines || !determinant) throw new Error("these programs are missing");
    const rows = [row(sines, 1e8), row(determinant, 1.2e8)];
    expect(judged(rows[1], rows)).toEqual([{ isMet: false, text: "above 1.1 × sines" }]);
    expect(judged(row({ ...sines, held: 0.4, peak: 1e8 }, 1.1e8), [])).toEqual([
      { isMet: false, text: "above 0.4 arrays a step" },
      { isMet: false, text: "above 100 MB" },
    ]);
    expect(judged(row({ ...sines, held: 0.5, peak: 2e8 }, 1.1e8), []).map(({ isMet }) => isMet)).toEqual([true, true]);
    expect(showPerStep(rows[0])).toBe("0.50 a step");
    const html = page(rows, "a machine");
    expect(html).toContain("sines and det");
    expect(html).toContain("no module jax");
    expect(html).toContain("120 MB");
  });

  test("a peer whose result is another, or none, has no figure", () => {
    const own = { peak: 1, seconds: 1, digest: 3 };
    const said = (digest: number): string => `a greeting\n${JSON.stringify({ peak: 5e6, seconds: 0.5, digest })}\n`;
    expect(showMegabytes(compared(said(3), own))).toBe("5  (0.5 s)");
    expect(showMegabytes(compared(said(3.1), own))).toBe("≠ 1e-1");
    expect(showMegabytes(compared("Traceback", own))).toBe("error");
  });
});
