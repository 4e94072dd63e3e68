// TensorFlow.js's side of the bench: node tfjs.mjs cpu | wasm. It has float32 alone, no forward mode, and no second derivatives of most operations.
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { answer } from "../dist/compare/answer.js";
import { numbers } from "../dist/compare/numbers.js";

const [, , backend] = process.argv;
if (backend === "wasm") setThreadsCount(1);
await tf.setBackend(backend);
await tf.ready();

const make = (seed, shape, scale) =>
  tf.tensor(
    Float32Array.from(
      numbers(
        seed,
        shape.reduce((a, b) => a * b, 1),
        scale,
      ),
    ),
    shape,
  );
const chain = (x) => tf.tanh(tf.add(tf.mul(tf.sin(x), x), tf.exp(tf.neg(tf.square(x)))));
const layers = [784, 256, 128, 10];

/** Whatever a run leaves behind but its result is freed; the result by `free`. */
const task = (run) => ({
  run: () => tf.tidy(run),
  read: (result) => [result].flat().flatMap((x) => Array.from(x.dataSync())),
  free: (result) => tf.dispose(result),
});

await answer(({ kind, dtype, n, operations }) => {
  const isTape = kind.startsWith("tape");
  if (dtype !== "float32" && !isTape) return undefined;
  switch (kind) {
    case "matmul": {
      const [x, y] = [make(1, [n, n]), make(2, [n, n])];
      return task(() => tf.matMul(x, y));
    }
    case "chain":
    case "chain gradient": {
      const x = make(1, [1e6], 4);
      const gradient = tf.grad((x) => tf.sum(chain(x)));
      return task(kind === "chain" ? () => chain(x) : () => gradient(x));
    }
    case "add": {
      const [x, y] = [make(1, [1e6]), make(2, [1e6])];
      return task(() => tf.add(x, y));
    }
    case "sum axis 0":
    case "sum axis 1": {
      const x = make(1, [1000, 1000]);
      return task(() => tf.sum(x, kind === "sum axis 0" ? 0 : 1));
    }
    case "mlp": {
      const weights = [1, 2, 3].map((i) => make(i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1])));
      const biases = [1, 2, 3].map((i) => make(i + 3, [layers[i]]));
      const x = make(7, [128, 784]);
      const labels = tf.tensor(
        Float32Array.from({ length: 1280 }, (_, i) => +(i % 10 === Math.floor(i / 10) % 10)),
        [128, 10],
      );
      const loss = (w1, w2, w3, b1, b2, b3) => {
        const layer = (x, w, b) => tf.add(tf.matMul(x, w), b);
        const logits = layer(tf.tanh(layer(tf.tanh(layer(x, w1, b1)), w2, b2)), w3, b3);
        return tf.mean(tf.sub(tf.logSumExp(logits, -1), tf.sum(tf.mul(logits, labels), -1)));
      };
      const step = tf.valueAndGrads(loss);
      return task(() => {
        const { value, grads } = step([...weights, ...biases]);
        return [value, ...grads];
      });
    }
    case "tape sin":
    case "tape mul": {
      const [x, c] = [make(1, [10]), tf.add(make(2, [10]), 1.5)];
      const gradient = tf.grad((x) => {
        let y = x;
        for (let i = 0; i < operations; i++) y = kind === "tape sin" ? tf.sin(y) : tf.mul(y, c);
        return tf.sum(y);
      });
      return task(() => gradient(x));
    }
    case "jacobian loop": {
      const [w1, b1, w2, b2] = [make(1, [100, 50], 0.5), make(2, [100]), make(3, [50, 100], 0.5), make(4, [50])];
      const x = make(5, [50]);
      const f = (x) =>
        w2
          .matMul(
            w1
              .matMul(x.reshape([50, 1]))
              .add(b1.reshape([100, 1]))
              .tanh(),
          )
          .reshape([50])
          .add(b2);
      const pull = tf.grad(f);
      const rows = Array.from({ length: 50 }, (_, i) => tf.tensor(Float32Array.from({ length: 50 }, (_, k) => +(k === i))));
      return task(() => tf.stack(rows.map((row) => pull(x, row))));
    }
    default:
      return undefined;
  }
});
