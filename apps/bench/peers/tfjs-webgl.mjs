// TensorFlow.js on WebGL, as a side of the page of src/gpu.
import * as tf from "@tensorflow/tfjs";

const { bench } = globalThis;
const { numbers, layers } = bench;
await tf.setBackend("webgl");
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

/** Results as a task: their sum is what is read. */
const task = (compute) => ({
  async run() {
    const sum = tf.tidy(() =>
      compute()
        .map((x) => tf.sum(x))
        .reduce((a, b) => tf.add(a, b)),
    );
    await sum.data();
    sum.dispose();
  },
  async all() {
    const results = tf.tidy(compute);
    const data = await Promise.all(results.map((x) => x.data()));
    tf.dispose(results);
    return data.flatMap((each) => [...each]);
  },
});

bench.sides.tfjs = (kind, n) => {
  switch (kind) {
    case "matmul": {
      const [x, y] = [make(1, [n, n]), make(2, [n, n])];
      return task(() => [tf.matMul(x, y)]);
    }
    case "chain":
    case "chain gradient": {
      const x = make(1, [n], 4);
      const gradient = tf.grad((x) => tf.sum(chain(x)));
      return task(() => [kind === "chain" ? chain(x) : gradient(x)]);
    }
    case "mlp": {
      const weights = [1, 2, 3].map((i) => make(i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1])));
      const biases = [1, 2, 3].map((i) => make(i + 3, [layers[i]]));
      const x = make(7, [n, 784]);
      const labels = tf.tensor(
        Float32Array.from({ length: 10 * n }, (_, i) => +(i % 10 === Math.floor(i / 10) % 10)),
        [n, 10],
      );
      const step = tf.valueAndGrads((w1, w2, w3, b1, b2, b3) => {
        const layer = (x, w, b) => tf.add(tf.matMul(x, w), b);
        const logits = layer(tf.tanh(layer(tf.tanh(layer(x, w1, b1)), w2, b2)), w3, b3);
        return tf.mean(tf.sub(tf.logSumExp(logits, -1), tf.sum(tf.mul(logits, labels), -1)));
      });
      return task(() => {
        const { value, grads } = step([...weights, ...biases]);
        return [value, ...grads];
      });
    }
    case "upload": {
      const data = Float32Array.from(numbers(1, n));
      return task(() => [tf.tensor(data)]);
    }
    case "read": {
      const x = make(1, [n]);
      const run = async () => {
        const y = tf.add(x, 1);
        const data = await y.data();
        y.dispose();
        return data;
      };
      return { run, all: run };
    }
    default:
      throw new Error(`tfjs has no ${kind}`);
  }
};
