// jax-js's side of the programs of src/jit/cases.ts, on WebAssembly: those that it can express, without control flow, compiled.
import { grad, hessian, jacfwd, jit, jvp, nn, numpy as np, valueAndGrad, vmap } from "@jax-js/jax";
import { answer } from "../dist/compare/answer.js";
import { keeping, labelled, maker, task } from "./jax-js-task.mjs";

const chain = (x) =>
  np.sum(
    np.tanh(
      np
        .sin(x.ref)
        .mul(x.ref)
        .add(np.exp(np.square(x).neg())),
    ),
  );
const squares = (f) => (x) => np.sum(np.square(f(x)));
const flat = (all) => np.concatenate(all.map((x) => x.reshape([-1])));

await answer(({ kind, dtype }) => {
  const { make, of } = maker(dtype);
  const [w1, w2] = [make(1, [100, 50], 0.5), make(2, [50, 100], 0.5)];
  const network = (x) => np.tanh(np.matmul(w2.ref, np.tanh(np.matmul(w1.ref, x))));
  const layers = [784, 256, 128, 10];
  const classifier = (...all) => {
    const loss = ([w1, b1, w2, b2, w3, b3], x, labels) => {
      const hidden = np.tanh(np.matmul(np.tanh(np.matmul(x, w1).add(b1)), w2).add(b2));
      const logits = np.matmul(hidden, w3).add(b3);
      return np.mean(nn.logsumexp(logits.ref, -1).sub(np.sum(logits.mul(labels), -1)));
    };
    const [value, gradients] = valueAndGrad(loss)(all.slice(0, 6), ...all.slice(6));
    return flat([value, ...gradients]);
  };
  const [x, xs, small, middle, large] = [
    [3, [50]],
    [3, [256, 50]],
    [1, [10], 4],
    [1, [1000], 4],
    [1, [1e6], 4],
  ].map((each) => () => make(...each));
  const weights = () =>
    [1, 2, 3].flatMap((i) => [make(i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1])), make(i + 3, [layers[i]])]);
  const programs = {
    "sin and its gradient, 10": [grad((x) => np.sum(np.sin(x))), () => [small()]],
    "chain, 1000: value": [chain, () => [middle()]],
    "chain, 1000: gradient": [grad(chain), () => [middle()]],
    "chain, 1e6: value": [chain, () => [large()]],
    "chain, 1e6: gradient": [grad(chain), () => [large()]],
    "network: value": [network, () => [x()]],
    "network: Jacobian": [jacfwd(network), () => [x()]],
    "network: Hessian of |f|²": [hessian(squares(network)), () => [x()]],
    "network: 256 JVPs": [(x, vs) => vmap((v) => jvp(network, [x.ref], [v])[1])(vs), () => [x(), make(4, [256, 50])]],
    "network: 256 gradients, vmap(grad)": [vmap(grad(squares(network))), () => [xs()]],
    "network 784-256-128-10: value and gradient": [classifier, () => [...weights(), make(7, [128, 784]), labelled(of)]],
  };
  const program = programs[kind];
  return program && task(jit(program[0]), keeping(...program[1]()));
});
