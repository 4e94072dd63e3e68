import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { prepare } from "../src/compare/ad.js";
import { answer, timer } from "../src/compare/answer.js";
import { deviation, digest, numbers } from "../src/compare/numbers.js";
import { page } from "../src/compare/page.js";
import { Conversation, type Reply } from "../src/compare/peers.js";
import { type Report, targets } from "../src/compare/report.js";
import { type Outcome, type Row, summary, verdicts } from "../src/compare/results.js";
import { judged, line, moved, showTime } from "../src/compare/table.js";
import { type DType, type Kind, type Workload, workloads } from "../src/compare/workloads.js";
import { plain } from "./plain.js";

const result = (kind: Kind, dtype: DType, n: number, operations = 1): ArrayLike<number> => {
  const { run, read } = prepare({ kind, dtype, n, operations });
  return read(run() as never) as ArrayLike<number>;
};

describe("the inputs", () => {
  test("are what every language makes of the same formula", () => {
    expect(numbers(1, 3)).toEqual(Float64Array.of(39208 / 65521 - 0.5, 47158 / 65521 - 0.5, 55170 / 65521 - 0.5));
    expect(Math.max(...numbers(3, 1000, 4).map(Math.abs))).toBeLessThanOrEqual(2);
  });

  test("their digests tell what differs", () => {
    const own = digest([1, 2, 3, 4]);
    expect(own).toEqual([4, 10, 10, 1, 1, 1, 2, 2, 3, 3, 4]);
    expect(deviation(own, own)).toBe(0);
    expect(deviation(own, digest([1, 2, 3, 4.001]))).toBeGreaterThan(1e-4);
    expect(deviation(own, digest([1, 2, 3]))).toBe(Number.POSITIVE_INFINITY);
    expect(deviation(own, digest([1, 2, Number.NaN, 4]))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("our programs", () => {
  const kinds = [...new Map(workloads.filter(({ kind }) => !kind.includes(": ")).map((w) => [w.kind, w])).values()];

  test.each(kinds)("$kind is what plain loops give", ({ kind, n, operations }) => {
    const size = Math.min(n, kind === "matmul" ? 32 : 8);
    const expected = plain(kind as Parameters<typeof plain>[0], size, operations);
    const scale = expected.reduce((sum, value) => sum + Math.abs(value), 0) / expected.length;
    for (const [dtype, tolerance] of [
      ["float64", 1e-12],
      ["float32", 1e-4],
    ] as const) {
      const own = result(kind, dtype, size, operations);
      expect(own.length).toBe(expected.length);
      const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(own[i] - value) / (scale + Math.abs(value))), 0);
      expect(worst, dtype).toBeLessThan(tolerance);
    }
  });
});

describe("our objectives and their derivatives", () => {
  const theirs: Readonly<Record<string, readonly number[]>> = JSON.parse(
    readFileSync(new URL("./expectations/programs.json", import.meta.url), "utf8"),
  );
  const kinds = workloads.map(({ kind }) => kind).filter((kind) => kind.includes(": "));

  test("have expectations, each of them", () => expect(Object.keys(theirs)).toEqual(kinds));

  // JAX's digests: python3 test/expectations/programs.py
  test.each(kinds)("%s is what JAX gives", (kind) => {
    expect(deviation(digest(result(kind, "float64", 0)), theirs[kind])).toBeLessThan(1e-9);
  });
});

describe("the conversation", () => {
  const workload = workloads[0];

  test("a peer answers with a digest, with times, with what it cannot do and with what went wrong", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const replies = createInterface({ input: output })[Symbol.asyncIterator]();
    const ask = async (question: unknown): Promise<Reply> => {
      input.write(`${JSON.stringify(question)}\n`);
      return JSON.parse((await replies.next()).value as string) as Reply;
    };
    let freed = 0;
    const done = answer(
      ({ kind }) => {
        if (kind === "hessian") return undefined;
        if (kind === "add") throw new Error("too much");
        return { run: () => [3, 4], read: (x: number[]) => Promise.resolve(x), free: () => freed++ };
      },
      input,
      output,
    );
    expect(JSON.parse((await replies.next()).value as string)).toEqual({ ready: true });
    expect(await ask({ prepare: workload })).toEqual({ digest: digest([3, 4]) });
    expect(freed).toBe(1);
    const times = await ask({ time: 5 });
    expect("samples" in times && times.samples.length > 0 && times.samples.every((t) => t >= 0 && t < 5)).toBe(true);
    expect(freed).toBeGreaterThan(10);
    expect(await ask({ prepare: { ...workload, kind: "hessian" } })).toEqual({ missing: true });
    expect(await ask({ prepare: { ...workload, kind: "add" } })).toEqual({ error: "Error: too much" });
    input.end();
    await done;
  });

  test("a run that is waited for counts until its result is there", async () => {
    const slow = timer({ run: () => 1, read: () => [], wait: () => new Promise((resolve) => setTimeout(resolve, 4)) });
    expect(Math.min(...(await slow(10)))).toBeGreaterThan(3);
  });

  const peer = (program: string, patience?: number): Conversation => new Conversation("torch", [process.execPath, "-e", program], patience);

  test("the bench passes over what is no message, and is told of a peer that ends", async () => {
    const one = peer(
      `console.log("welcome"); console.log('{"ready":true}'); process.stdin.once("data", () => { console.error("out of memory"); process.exit(1); });`,
    );
    expect(await one.hear()).toEqual({ ready: true });
    expect(await one.prepare(workload)).toEqual({ error: "its process ended. out of memory" });
    expect(await one.time(1)).toHaveProperty("error");
  });

  test("a peer that is not there, or that does not answer, is no reason to wait for ever", async () => {
    expect(await new Conversation("torch", ["no-such-program"]).hear()).toHaveProperty("error");
    const silent = peer(`console.log('{"ready":true}'); setInterval(() => {}, 1000);`, 100);
    await silent.hear();
    expect(await silent.prepare(workload)).toEqual({ error: "its process ended. No answer within 0.1 s." });
  });
});

describe("the report", () => {
  const workload = workloads.find(({ id }) => id === "jacobian f32") as Workload;
  const loop = workloads.find(({ id }) => id === "jacobian loop f32") as Workload;
  const at = (time: number): Outcome => summary([time, 2 * time], 1, 0);
  const rows: Row[] = [
    {
      workload,
      outcomes: { ad: at(0.1), torch: at(0.25), "jax-js jit": at(0.3), "tfjs cpu": { missing: true }, "jax-js": { differs: 0.02 } },
    },
    { workload: loop, outcomes: { ad: at(2) } },
  ];

  test("judges by the fastest runs, against peers that have a figure", () => {
    expect(verdicts(rows[0], rows)).toEqual([
      { unit: "times", against: "jax-js jit", wanted: 4, found: 0.3 / 0.1, isMet: false },
      { unit: "times", against: "torch", wanted: 2, found: 2.5, isMet: true },
    ]);
  });

  test("judges a gradient by the time of its own value", () => {
    const [value, gradient] = ["value", "derivative"].map(
      (part) => workloads.find(({ kind }) => kind === `attention: ${part}`) as Workload,
    );
    const [first, second]: Row[] = [
      { workload: value, outcomes: { ad: at(1) } },
      { workload: gradient, outcomes: { ad: at(5), torch: at(10) } },
    ];
    expect(verdicts(second, [first, second])).toEqual([
      { unit: "times", against: "torch", wanted: 1 / 1.2, found: 2, isMet: true },
      { unit: "times", against: "its own value", wanted: 1 / 4, found: 1 / 5, isMet: false },
    ]);
  });

  test("judges single operations, imports and sizes by what they may take, and names what is missed", () => {
    const tape = workloads.find(({ id }) => id === "tape mul f32") as Workload;
    const all = targets({
      rows: [...rows, { workload: tape, outcomes: { ad: at(4e-4) } }],
      imports: [
        { name: "@ad/core", minimum: 16, median: 20, ceiling: 15 },
        { name: "another", minimum: 16, median: 20 },
      ],
      sizes: [{ name: "a program", bytes: 47_600, ceiling: 48_000 }],
    });
    expect(judged(all).map((text) => text.replace(/ +/g, " ").trim())).toEqual([
      "Targets: 3 of 5 met, by minima; missed:",
      "tanh network 50 → 100 → 50: Jacobian, vectorised, f32 ✘ 3.0× jax-js jit (≥ 4.0×)",
      "import @ad/core ✘ 16.0 ms (≤ 15.0 ms)",
    ]);
  });

  test("every workload has a name of its own, and every target a peer", () => {
    expect(new Set(workloads.map(({ id }) => id)).size).toBe(workloads.length);
    expect(workloads.filter(({ quick }) => quick).length).toBeGreaterThan(15);
  });

  test("a line shows our median, the others' ratios, and what there is not", () => {
    const text = line(rows[0], rows, ["ad", "torch", "tfjs cpu", "jax-js"]);
    expect(text).toContain("100 µs (150 µs)");
    expect(text).toContain("250 µs    2.5×");
    expect(text).toMatch(/– +≠ 2e-2 {2}✘ 3.0× jax-js jit \(≥ 4.0×\) {2}✔ 2.5× torch \(≥ 2.0×\)$/);
    expect([5e-5, 0.0123, 1.5, 123.4].map(showTime)).toEqual(["50 ns", "12.3 µs", "1.50 ms", "123 ms"]);
  });

  test("what moved is told against the others, so that a slower machine is no change", () => {
    const slower = rows.map((row) => ({
      ...row,
      outcomes: Object.fromEntries(
        Object.entries(row.outcomes).map(([peer, o]) => [peer, "minimum" in o ? { ...o, minimum: 3 * o.minimum } : o]),
      ),
    }));
    expect(moved([slower[0]], [rows[0]])).toEqual([]);
    const [change] = moved([{ workload, outcomes: { ...rows[0].outcomes, ad: at(0.2) } }], [rows[0]]);
    expect(change).toContain("2.0× slower than the others");
  });

  test("is one page that asks for nothing else", () => {
    const report: Report = {
      date: "2000-01-01",
      machine: "a machine",
      load: 7.5,
      quick: true,
      rows,
      absent: { torch: "no <python>" },
      sizes: [{ name: "ad", bytes: 48_000, ceiling: 48_000 }],
      imports: [{ name: "@ad/core", median: 15, minimum: 14 }],
      memory: [{ chunkSize: 16, result: 100, batch: 10, held: 105, process: 108 }],
    };
    const html = page(report);
    expect(html).not.toMatch(/(?:src|href)=|https?:|@import|<script/);
    expect(html).toContain("no &#60;python&#62;");
    expect(html).toContain("arrays 1.05 × the result");
    expect(html).toContain("load 7.5");
    expect(html).toContain("✔ 48.0 kB (≤ 48.0 kB)");
  });
});
