// Trains in a worker: says how far it is, and stops when it is told to. Between rounds it lets messages in.
import { arange, linspace, type NDArray, valueAndGrad } from "@ad/core";
import { jit } from "@ad/jit";
import { adam, applyUpdates } from "@ad/solve";

export type Order = "start" | "cancel";
export type Progress = { readonly step: number; readonly loss: number; readonly ended: false | "done" | "cancelled" };

const steps = 20_000;
/** Milliseconds of work between two looks at the messages. */
const round = 30;

const x = linspace(-1, 1, 400).reshape(400, 1);
const y = x.mul(6).sin().mul(x.exp());
type Net = { w: NDArray; b: NDArray; v: NDArray };
const model = ({ w, b, v }: Net) => x.mul(w).add(b).tanh().matmul(v.reshape(24, 1));
const loss = jit(valueAndGrad((net: Net) => model(net).sub(y).square().mean()));

let wanted = false;

async function train(): Promise<void> {
  const spread = (seed: number) => arange(24).add(seed).mul(12.9898).sin();
  const optimiser = adam(0.003);
  let net: Net = { w: spread(1).mul(6), b: spread(50).mul(3), v: spread(99).mul(0.1) };
  let state = optimiser.init(net);
  const say = (step: number, loss: NDArray, ended: Progress["ended"]) => postMessage({ step, loss: loss.item(), ended } satisfies Progress);
  let value = loss(net)[0];
  let looked = performance.now();
  for (let step = 1; step <= steps; step++) {
    const [now, gradients] = loss(net);
    const [updates, next] = optimiser.update(gradients, state, net);
    [net, state, value] = [applyUpdates(net, updates), next, now];
    if (performance.now() - looked < round) continue;
    say(step, value, false);
    // A message that has come is handled before this goes on.
    await new Promise((resolve) => setTimeout(resolve));
    if (!wanted) return say(step, value, "cancelled");
    looked = performance.now();
  }
  say(steps, value, "done");
}

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  const idle = !wanted;
  wanted = data === "start";
  if (wanted && idle) void train().finally(() => (wanted = false));
});
