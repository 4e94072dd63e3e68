// The gradient of each sample's loss, which a sum over the batch would hide: for clipping, noise scales, influence.
import { array, grad, type NDArray, stack } from "@ad/core";
import { expectClose } from "@ad/expect";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { batchJvp, jacobian } from "../../src/index.js";

interface Layer {
  readonly w: NDArray;
  readonly b: NDArray;
}
type MLP = readonly Layer[];

const wave = (rows: number, columns: number, pitch: number): NDArray =>
  array(Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(pitch * (i * columns + j + 1)))));

const parameters: MLP = [
  { w: wave(4, 8, 1.3), b: wave(1, 8, 0.7).ravel() },
  { w: wave(8, 3, 2.1), b: wave(1, 3, 0.4).ravel() },
];
const inputs = wave(16, 4, 0.9);
const targets = wave(16, 3, 1.7);

/** The loss of one sample. */
const loss = ([hidden, last]: MLP, x: NDArray, y: NDArray): NDArray =>
  x.matmul(hidden.w).add(hidden.b).tanh().matmul(last.w).add(last.b).sub(y).square().sum();

const perSample = vmap(grad(loss), { inAxes: [null, 0, 0] });

describe("per-sample gradients of a network 4 → 8 → 3", () => {
  const gradients = perSample(parameters, inputs, targets);

  test("have the form of the parameters, with the samples in front", () => {
    expect(gradients.map(({ w, b }) => [w.shape, b.shape])).toEqual([
      [
        [16, 4, 8],
        [16, 8],
      ],
      [
        [16, 8, 3],
        [16, 3],
      ],
    ]);
  });

  test("are those of a loop", () => {
    for (let i = 0; i < 16; i++)
      grad(loss)(parameters, inputs.slice(i), targets.slice(i)).forEach((layer, k) => {
        expectClose(gradients[k].w.slice(i), layer.w.toArray() as number[][]);
        expectClose(gradients[k].b.slice(i), layer.b.toArray() as number[]);
      });
  });

  test("are the Jacobian of the losses, by any strategy and chunk", () => {
    const losses = (p: MLP): NDArray => vmap(loss, { inAxes: [null, 0, 0] })(p, inputs, targets);
    for (const options of [{}, { chunkSize: 5 }, { strategy: "forward", memoryBudget: 1e5 }] as const)
      jacobian(
        losses,
        options,
      )(parameters).forEach((layer, k) => {
        expectClose(layer.w, gradients[k].w.toArray() as number[][][]);
        expectClose(layer.b, gradients[k].b.toArray() as number[][]);
      });
  });

  test("of length 1 at most, summed: what a private gradient is made from", () => {
    const length = gradients
      .map(({ w, b }) => w.square().sum([1, 2]).add(b.square().sum(1)))
      .reduce((a, b) => a.add(b))
      .sqrt();
    const factor = length.reciprocal().minimum(1);
    const clipped = gradients.map(({ w, b }) => ({
      w: w.mul(factor.reshape(16, 1, 1)).sum(0),
      b: b.mul(factor.reshape(16, 1)).sum(0),
    }));
    const total = clipped.map(({ w, b }) => w.square().sum().add(b.square().sum())).reduce((a, b) => a.add(b));
    expect(length.max().item()).toBeGreaterThan(1);
    expect(total.sqrt().item()).toBeLessThanOrEqual(16);
  });

  test("along one direction per sample need no gradients", () => {
    const [, slopes] = batchJvp((x: NDArray, y: NDArray) => loss(parameters, x, y), [inputs, targets], [inputs, targets.mul(0)]);
    const expected = stack(
      Array.from({ length: 16 }, (_, i) => grad(loss, { argnums: 1 })(parameters, inputs.slice(i), targets.slice(i)).dot(inputs.slice(i))),
    );
    expectClose(slopes, expected.toArray() as number[]);
  });
});
