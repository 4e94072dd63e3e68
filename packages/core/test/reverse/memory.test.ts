import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { array, checkpoint, customVjp, foriLoop, grad, linalg, type NDArray, vjp, zeros } from "../../src/index.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Of one array: more than what is computed together in pieces, and far from small. */
const size = 1 << 17;
const x = array(Float64Array.from({ length: size }, (_, i) => i / size));
const fresh = (i: number): NDArray => zeros([size]).add(i + 1);

const sumOf = (terms: readonly NDArray[]): NDArray => terms.reduce((sum, term) => sum.add(term));

/** Returns a function that counts the arrays of a number of elements that are there and were not at the start, once what nobody refers to is gone. */
function counter(elements = size): () => number {
  const held = (): number => {
    // An operation that waits holds what it reads, until the next large one.
    x.sum();
    // The first frees the arrays, the second their storage.
    collect();
    collect();
    return process.memoryUsage().arrayBuffers / (8 * elements);
  };
  const before = held();
  return () => held() - before;
}

/** Counts the arrays that each of the later steps of a loop leaves on the tape. */
function perStep(transform: (f: (x: NDArray) => NDArray) => unknown, step: (s: NDArray, x: NDArray, i: number) => NDArray): number {
  const steps = 12;
  let count: (() => number) | undefined;
  let found: [number, number] | undefined;
  transform((x: NDArray) => {
    let s: NDArray = x.mul(0);
    let first = 0;
    for (let i = 0; i < steps; i++) {
      s = step(s, x, i);
      if (i !== 1) continue;
      count ??= counter();
      first = count();
    }
    found ??= [first, (count as () => number)()];
    return s.sum();
  });
  const [first, last] = found as [number, number];
  return (last - first) / (steps - 2);
}

const transforms: readonly [string, (f: (x: NDArray) => NDArray) => unknown][] = [
  ["vjp", (f) => vjp(f, x)[1](1)],
  ["vjp of grad", (f) => vjp((y: NDArray) => grad(f)(y).sum(), x)[1](1)],
];

describe.each(transforms)("%s: arrays that a step of a loop leaves on the tape", (_, transform) => {
  test.each<[string, number, (s: NDArray, x: NDArray, i: number) => NDArray]>([
    ["a product with what is fresh", 1, (s, x, i) => s.add(x.mul(fresh(i).exp()).sum())],
    ["a product with arithmetic of two arrays that are there", 0, (s, x, i) => s.add(x.mul(x.mul(i).add(1)).sum())],
    // At most two arrays are held in place of one that is made of them.
    [
      "a product with arithmetic of four that are fresh",
      2,
      (s, x, i) => s.add(x.mul(sumOf([0, 1, 2, 3].map((k) => fresh(i + k).exp()))).sum()),
    ],
    ["a sum with what is fresh", 0, (s, x, i) => s.add(x.add(fresh(i)).sum())],
    ["a difference, turned round and cut", 0, (s, x, i) => s.sub(fresh(i).sub(x)).flip(0).neg().reshape(2, -1).reshape(-1)],
    ["a choice, whose condition is a byte an element", 1 / 8, (s, x, i) => s.add(fresh(i).greater(2).where(x.mul(2), 0))],
    ["an exponential, of which the value is read", 1, (s, x, i) => s.add(x.mul(i).exp())],
    ["a checkpoint of what is there", 0, (s, x) => s.add(checkpoint((y: NDArray) => y.sin().exp().tanh())(x))],
    ["a checkpoint of the state", 1, (s) => checkpoint((y: NDArray) => y.sin().exp().tanh())(s)],
  ])("%s: %d", (_, expected, step) => {
    // One array more or less, of ten steps, is the garbage collector's.
    expect(Math.abs(perStep(transform, step) - expected)).toBeLessThan(0.21);
  });
});

test("grad holds as much, and no more than 64 MB beside it to be used again", () => {
  const steps = 24;
  const large = array(new Float64Array(1 << 20));
  let most = 0;
  const count = counter();
  grad((x: NDArray) => {
    let s = x.mul(0).sum();
    for (let i = 0; i < steps; i++) s = s.add(x.mul(zeros([1 << 20]).add(i)).sum());
    most = count() / 8;
    return s;
  })(large);
  expect(most).toBeGreaterThan(steps - 2);
  expect(most).toBeLessThan(steps + 8 + 3);
});

/** Waits for the end of a turn, after which storage that grad could use again may be collected. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  collect();
}

/** The large buffers that are made while something runs, when none is free. */
async function buffersOf(run: () => void): Promise<number> {
  const { ArrayBuffer, Buffer } = globalThis;
  await turn();
  let made = 0;
  const count = (length: number): void => {
    if (length === 8 * size) made++;
  };
  vi.stubGlobal(
    "ArrayBuffer",
    class extends ArrayBuffer {
      constructor(length: number) {
        super(length);
        count(length);
      }
    },
  );
  // In Node, where they come without zeros.
  const unwritten = vi.spyOn(Buffer, "allocUnsafeSlow");
  try {
    run();
  } finally {
    vi.unstubAllGlobals();
  }
  for (const [length] of unwritten.mock.calls) count(length);
  unwritten.mockRestore();
  return made;
}

test("what was computed on the way to others lets go of its operands, so that the pullback uses them again", async () => {
  const steps = 24;
  const made = await buffersOf(() =>
    grad((x: NDArray) => {
      let y = x;
      for (let i = 0; i < steps; i++) y = y.sin().mul(x);
      return y.sum();
    })(x),
  );
  // The sine and the product of each step, and what is at work at a time.
  expect(made).toBeGreaterThan(steps);
  expect(made).toBeLessThan(2 * steps + 12);
});

test("a long sum that waits to be computed keeps few of its terms", async () => {
  const terms = 96;
  await turn();
  const count = counter();
  let most = 0;
  grad((x: NDArray) => {
    let s = x.mul(0);
    for (let i = 0; i < terms; i++) s = s.add(checkpoint((y: NDArray) => y.sin())(x));
    most = count();
    return s.sum();
  })(x);
  // Ten or so wait at a time; frames that the engine has not optimised hold as many again.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(32);
});

test("one call of a custom rule, a checkpoint or linalg leaves grad its arena", () => {
  const steps = 12;
  const buffers = (call: (x: NDArray) => NDArray): number => {
    const { ArrayBuffer } = globalThis;
    let made = 0;
    const f = (x: NDArray): NDArray => {
      let y = x;
      for (let i = 0; i < steps; i++) y = y.sin().mul(x);
      return y.sum().add(call(x.slice([0, 4]).reshape(2, 2)));
    };
    globalThis.ArrayBuffer = class extends ArrayBuffer {
      constructor(length: number) {
        super(length);
        if (length === 8 * size) made++;
      }
    } as ArrayBufferConstructor;
    try {
      grad(f)(x);
    } finally {
      globalThis.ArrayBuffer = ArrayBuffer;
    }
    return made;
  };
  const plain = (): NDArray => array(0);
  buffers(plain);
  const without = buffers(plain);
  const double = customVjp(
    (y: NDArray) => y.sum(),
    (y: NDArray) => [y.sum(), (ct: NDArray) => [ct.mul(y)]],
  );
  for (const call of [(y: NDArray) => linalg.det(y), (y: NDArray) => checkpoint((z: NDArray) => z.sin().sum())(y), double])
    expect(buffers(call)).toBeLessThan(without + 4);
});

test.each([
  // Looked at so often that each of its phases is met, and not so often that the garbage collector is all that runs.
  ["sqrt", 3 * 16, 33],
  // Of each of the eight halvings that are under way its state, its cotangent, and what its call is about.
  ["log", 7 * 8, 67],
] as const)("a loop of 256 steps whose checkpoint is %s holds at most %d states at once", async (checkpoint, expected, every) => {
  let [most, calls] = [0, 0];
  // A quarter of the others: the states are computed thousands of times.
  const start = array(x.data().slice(0, size / 4));
  await turn();
  const count = counter(size / 4);
  const body = (_: NDArray, s: NDArray): NDArray => {
    if (calls++ % every === 0) most = Math.max(most, count());
    return s.sin();
  };
  vjp((s: NDArray) => foriLoop(0, 256, body, s, { checkpoint }).sum(), start)[1](1);
  expect(calls).toBeGreaterThan(500);
  expect(most).toBeGreaterThan(4);
  expect(most).toBeLessThan(expected);
});
