// jax-js's side of the bench, on WebAssembly: node jax-js.mjs eager | jit. An operation consumes its operands; `.ref` keeps them.
import { grad, hessian, jacfwd, jit, jvp, nn, numpy as np, valueAndGrad, vmap } from "@jax-js/jax";
import { answer } from "../dist/compare/answer.js";
import { keeping, labelled, maker, task as taskOf } from "./jax-js-task.mjs";

const [, , mode] = process.argv;
const task = (f, inputs) => taskOf(mode === "jit" ? jit(f) : f, inputs);

const layers = [784, 256, 128, 10];
const chain = (x) =>
  np.tanh(
    np
      .sin(x.ref)
      .mul(x.ref)
      .add(np.exp(np.square(x).neg())),
  );

await answer(({ kind, dtype, n, operations }) => {
  const { make, of } = maker(dtype);
  switch (kind) {
    case "matmul":
      return task((x, y) => np.matmul(x, y), keeping(make(1, [n, n]), make(2, [n, n])));
    case "chain":
      return task(chain, keeping(make(1, [1e6], 4)));
    case "chain gradient":
      return task(
        grad((x) => np.sum(chain(x))),
        keeping(make(1, [1e6], 4)),
      );
    case "add":
      return task((x, y) => x.add(y), keeping(make(1, [1e6]), make(2, [1e6])));
    case "sum axis 0":
    case "sum axis 1":
      return task((x) => np.sum(x, kind === "sum axis 0" ? 0 : 1), keeping(make(1, [1000, 1000])));
    case "mlp": {
      const parameters = [
        ...[1, 2, 3].map((i) => make(i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1]))),
        ...[1, 2, 3].map((i) => make(i + 3, [layers[i]])),
      ];
      const x = make(7, [128, 784]);
      const labels = labelled(of);
      const loss = ([w1, w2, w3, b1, b2, b3], x, labels) => {
        const hidden = np.tanh(np.matmul(np.tanh(np.matmul(x, w1).add(b1)), w2).add(b2));
        const logits = np.matmul(hidden, w3).add(b3);
        return np.mean(nn.logsumexp(logits.ref, -1).sub(np.sum(logits.mul(labels), -1)));
      };
      return task(valueAndGrad(loss), () => [parameters.map((p) => p.ref), x.ref, labels.ref]);
    }
    case "tape sin":
    case "tape mul": {
      const c = make(2, [10]).add(1.5);
      const f = (x) => {
        let y = x;
        for (let i = 0; i < operations; i++) y = kind === "tape sin" ? np.sin(y) : y.mul(c.ref);
        return np.sum(y);
      };
      return task(grad(f), keeping(make(1, [10])));
    }
    case "jacobian":
    case "hessian":
    case "jvps": {
      const constants = [make(1, [100, 50], 0.5), make(2, [100]), make(3, [50, 100], 0.5), make(4, [50])];
      const f = (x) => {
        const [w1, b1, w2, b2] = constants.map((c) => c.ref);
        return np.matmul(w2, np.tanh(np.matmul(w1, x).add(b1))).add(b2);
      };
      const x = make(5, [50]);
      if (kind === "jacobian") return task(jacfwd(f), keeping(x));
      if (kind === "hessian")
        return task(
          hessian((x) => np.sum(np.square(f(x)))),
          keeping(x),
        );
      const tangents = make(6, [n, 50]);
      return task((x, tangents) => vmap((t) => jvp(f, [x.ref], [t])[1])(tangents), keeping(x, tangents));
    }
    default:
      return undefined;
  }
});
