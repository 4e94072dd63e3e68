import {
  type Arrays,
  agree,
  allEntries,
  backwards,
  type Composition,
  casesOn,
  compositions,
  directions,
  type Entry,
  float32,
  isSmooth,
  layoutNames,
  primitiveEntries,
  smoothPart,
} from "@ad/conformance";
import { DTypeError, type NDArray, read } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import { type PrimitiveName, primitives } from "@ad/core/internals/trace";
import { inTurn, isTurn } from "@ad/expect/turns";
import { jit } from "@ad/jit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GpuDevice, webgl } from "../src/index.js";
import { Apart } from "./apart.js";

/** Every sample of tools/conformance under every composition of transformations, on the GPU and in float64 on the CPU. */
const gpu = new Apart();

/** Relative to one plus the greatest element: the rounding of float32, 6e-8, over up to some hundred operations. */
const tolerance = float32.same;

/** The samples that ask for float64, and those whose whole numbers become float64: the GPU refuses them. */
const refused = {
  asked: "cast 1, cast 2, cast 7, astype 1, astype 2, astype 3, astype 4, astype 5, array 10, array 11, linalg.svd 14",
  whole: `sqrt 4, sqrt 5, sqrt 6, rsqrt 4, rsqrt 5, rsqrt 6, reciprocal 4, reciprocal 5, reciprocal 6, exp 4, exp 5, exp 6, sin 4, sin 5, sin 6,
    silu 4, silu 5, silu 6, lgamma 4, lgamma 5, lgamma 6, div 10, floorDivide 3, atan2 10, hypot 10, logaddexp 10, mean 11, mean 12, softmax 3, logSoftmax 3,
    avgPool 3, median 4, quantile 3, erfInv 7, besselI0 7, besselI1 7, polygamma 2, polygamma 5, polygamma 8, linalg.cholesky 8,
    linalg.solve 12, linalg.inv 8, linalg.det 9, linalg.slogdet 8, linalg.matrixPower 7, linalg.expm 10, fft 6, fft 13, ifft 6, ifft 13, rfft 7, irfft 6,
    dct 15, idct 15, besselJ0 10, besselJ1 10, besselY0 10, besselY1 10, erfcx 10, gammaln 4, multigammaln 2, multigammaln 5, logit 4, ndtr 7,
    logNdtr 7, ndtri 4, zeta 3`,
};
const refusals = Object.values(refused).flatMap((names) => names.split(/,\s+/));

/** The operations that are no primitives and are computed on the host: their kernels work on numbers, one after the other. */
const hosted =
  "besselI0 besselI1 besselJ0 besselJ1 besselY0 besselY1 beta betainc cholesky dct det eigh erfInv erfcx expm fft gammainc gammaincc idct inv irfft logNdtr logit lu matrixPower ndtr ndtri pinv qr rfft slogdet solve solveTriangular svd xlog1py xlogy zeta".split(
    " ",
  );

const nameOf = ({ label }: Entry): string => label.slice(0, label.indexOf(" of "));

interface Check {
  readonly label: string;
  readonly want: readonly NDArray[];
  readonly got: readonly NDArray[];
}

interface Paired {
  readonly entry: Entry;
  readonly cases: ReturnType<typeof casesOn>;
}

/** The cases of some entries, made once for all compositions. */
const paired = (device: GpuDevice, entries: readonly Entry[], layouts: typeof layoutNames): Paired[] =>
  entries.map((entry) => ({ entry, cases: casesOn(device, entry, layouts) }));

/** Returns the differences between the devices, and the entries that the GPU refuses. */
async function compared(device: GpuDevice, all: readonly Paired[], { applies, compute }: Composition) {
  const [checks, wrong, stopped]: [Check[], string[], Set<string>] = [[], [], new Set()];
  for (const { entry, cases } of all)
    for (const { here, there } of cases) {
      if (!applies(here)) continue;
      try {
        checks.push({ label: there.label, want: compute(here), got: compute(there) });
      } catch (error) {
        if (error instanceof DTypeError && /has no float64/.test(error.message)) stopped.add(nameOf(entry));
        else wrong.push(`${there.label}: ${error}`);
      }
    }
  // Waiting for one result costs as much as for some.
  for (let i = 0; i < checks.length; i += 400) {
    const some = checks.slice(i, i + 400);
    const data = await Promise.all(some.map(({ got }) => Promise.all(got.map(read))));
    for (const [c, { label, want, got }] of some.entries())
      for (const [k, x] of got.entries())
        try {
          expect(x.device).toBe(device);
          const wide = want[k].dtype === "float64";
          expect(x.dtype).toBe(wide ? "float32" : want[k].dtype);
          const given = new Concrete(x.aval, data[c][k]);
          agree(wide ? given.astype("float64") : given, want[k], tolerance, "");
        } catch (error) {
          wrong.push(`${label}, result ${k}: ${(error as Error).message}`);
        }
  }
  return { count: checks.length, wrong, stopped: [...stopped] };
}

/** A program that is recorded, and then replayed on other numbers. */
const programs = {
  jit: {
    applies: (c) => c.example(0).length > 0,
    compute: (c) => {
      const f = programOf((...x) => [...c.f(...x)], c.example(0));
      return [0, 1].flatMap((k) => [...f(...c.example(k))]);
    },
  },
  "jit of vjp": {
    applies: isSmooth,
    compute: (c) => {
      const { f, x, y } = smoothPart(c);
      const g = directions(y, "g");
      const own = programOf(backwards(f, x.length), x);
      return [[...own(...x, ...g)], [...own(...smoothPart(c, 1).x, ...g)]].flat();
    },
  },
} satisfies Record<string, Composition>;

/** On the GPU a program, on the CPU the function. */
const programOf = (f: Arrays, args: readonly NDArray[]): Arrays =>
  args[0]?.device === gpu ? (jit(f as (...x: NDArray[]) => NDArray[]) as Arrays) : f;

/** Transformations have few kernels of their own, and two of them take ten times the draws of one: a sample meets each of them in a turn. */
const turnsOf = (name: string): number => (name.includes(" of ") ? 48 : 16);

describe("all samples are what they are on the CPU", { timeout: 300_000 }, () => {
  const all = paired(gpu, allEntries(), ["dense"]);
  /** Entries of one name have their turn together. */
  const names = [...new Set(all.map(({ entry }) => nameOf(entry)))];

  const every: Record<string, Composition> = { ...compositions, ...programs };
  it.each(Object.entries(every))("%s", async (name, composition) => {
    const turns = turnsOf(name);
    const place = Object.keys(every).indexOf(name);
    // The first sample of each operation is computed in every run.
    const due = new Set(names.filter((each, i) => (name === "value" && each.endsWith(" 1")) || isTurn(place + i, turns)));
    const { count, wrong, stopped } = await compared(
      gpu,
      all.filter(({ entry }) => due.has(nameOf(entry))),
      composition,
    );
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(inTurn(1300, turns));
    if (name === "value") {
      expect(stopped.sort()).toEqual(refusals.filter((each) => due.has(each)).sort());
      // An operation is computed on the host with all of its samples, or with none of them.
      expect([...gpu.hosted].filter((each) => !hosted.includes(each))).toEqual([]);
      if (due.size === names.length) expect([...gpu.hosted].sort()).toEqual(hosted);
    } else expect(stopped.filter((each) => !refusals.includes(each))).toEqual([]);
  });

  /** As views that are read as they lie. Elementwise operations read all in one way: one of them stands for them. Each sample meets the derivatives and vmap in one layout after the other. */
  describe("in every layout", () => {
    let views: GpuDevice;
    let all: Paired[];
    beforeAll(async () => {
      views = await webgl();
      const names = (Object.keys(primitives) as PrimitiveName[]).filter(
        (name) => name === "add" || primitives[name].kind !== "elementwise",
      );
      all = paired(
        views,
        names.flatMap(primitiveEntries),
        layoutNames.filter((layout) => layout !== "dense"),
      );
    });
    afterAll(() => views.dispose());

    it.each(["value", "jvp", "vjp", "vmap"] as const)("%s", async (name) => {
      const turns = name === "value" ? 8 : 16;
      const place = Object.keys(compositions).indexOf(name);
      const due = all.map(({ entry, cases }, i) => ({
        entry,
        cases: cases.filter(({ there }) => isTurn(place + i + layoutNames.indexOf(there.layout), turns)),
      }));
      const { count, wrong } = await compared(views, due, compositions[name]);
      expect(wrong).toEqual([]);
      expect(count).toBeGreaterThan(inTurn(400, turns));
    });
  });
});
