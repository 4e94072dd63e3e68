import { concatenate, grad, type NDArray, type Shape, stack, vjp } from "@ad/core";
import { jvp, pushforward } from "@ad/forward";
import { batchJvp, hessian, jacobian, jvpMany, vjpMany } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { againstDifferences, againstLoop, type Check, difference, jacobianByDifferences, rows } from "./checks.js";
import type { Iris } from "./data.js";
import { loss, losses, names, type Params, pack, probabilities, unpack } from "./model.js";
import { normals } from "./random.js";
import type { Contestant } from "./timing.js";

/** One call, checked and ready to be timed. */
export interface Answer {
  readonly title: string;
  /** The call, without and with its arguments. */
  readonly call: string;
  readonly code: string;
  readonly given: readonly Labelled[];
  readonly result: readonly Labelled[];
  readonly checks: readonly Check[];
  /** The vectorised call, then the loops that give the same. */
  readonly contestants: readonly [vectorised: Contestant, ...loops: Contestant[]];
}
export interface Labelled {
  readonly name: string;
  readonly shape: Shape;
}
export interface Question {
  readonly heading: string;
  readonly text: string;
  /** Answers come one by one, so that progress shows. */
  readonly answers: readonly (() => Answer)[];
}

const directions = 256;

/** The flower whose most probable class is the least probable: where the derivatives are large. */
export function leastCertain(params: Params, { features }: Iris): number {
  return probabilities(params, features).max(-1).argmin().item() as number;
}

/** Question 1: many directions at one point. */
export function directionsAtOneFlower(params: Params, data: Iris): Question {
  const flower = leastCertain(params, data);
  const f = (x: NDArray): NDArray => probabilities(params, x);
  const x = data.features.slice(flower);
  const normal = normals(2);
  return {
    heading: `${directions} directions at one flower`,
    text: `f: 4 features ↦ 3 class probabilities, at flower ${flower + 1} of 150 (${data.classNames[data.labels[flower]]}), the one the classifier is least sure of`,
    answers: [
      () => {
        const tangents = normal([directions, 4]);
        const vectorised = () => jvpMany(f, [x], [tangents]);
        const loop = () => stack(rows(tangents).map((v) => jvp(f, [x], [v])[1]));
        const shared = () => {
          const [, push] = pushforward(f, x);
          return stack(rows(tangents).map((v) => push([v])));
        };
        const [out, products] = vectorised();
        const what = "J·vᵢ";
        return {
          title: `J·vᵢ for ${directions} tangents`,
          call: "jvpMany",
          code: "jvpMany(f, [x], [V])",
          given: [of("x", x), of("V", tangents)],
          result: [of("f(x)", out), of("J·vᵢ", products)],
          checks: [
            againstLoop(what, products, loop()),
            againstDifferences(what, products, stack(rows(tangents).map((v) => difference(f, x, v)))),
          ],
          contestants: [
            { label: "vectorised", run: vectorised },
            { label: "loop of jvp", run: loop },
            { label: "loop over one shared pushforward", run: shared },
          ],
        };
      },
      () => {
        const cotangents = normal([directions, 3]);
        const vectorised = () => vjpMany(f, [x], cotangents);
        const loop = () => stack(rows(cotangents).map((v) => vjp(f, x)[1](v)[0]));
        const shared = () => {
          const [, pullback] = vjp(f, x);
          return stack(rows(cotangents).map((v) => pullback(v)[0]));
        };
        const [out, [products]] = vectorised();
        const what = "vᵢᵀ·J";
        return {
          title: `vᵢᵀ·J for ${directions} cotangents`,
          call: "vjpMany",
          code: "vjpMany(f, [x], V)",
          given: [of("x", x), of("V", cotangents)],
          result: [of("f(x)", out), of("vᵢᵀ·J", products)],
          checks: [againstLoop(what, products, loop()), againstDifferences(what, products, cotangents.matmul(jacobianByDifferences(f, x)))],
          contestants: [
            { label: "vectorised", run: vectorised },
            { label: "loop of vjp", run: loop },
            { label: "loop over one shared pullback", run: shared },
          ],
        };
      },
    ],
  };
}

/** Question 2: one direction, or all, at each of many points. */
export function everyFlower(params: Params, data: Iris): Question {
  const f = (x: NDArray): NDArray => probabilities(params, x);
  const { features } = data;
  const flowers = Array.from({ length: features.shape[0] }, (_, i) => i);
  return {
    heading: `All ${flowers.length} flowers`,
    text: "the same f, a Jacobian of its own at each flower",
    answers: [
      () => {
        const tangents = normals(3)(features.shape);
        const vectorised = () => batchJvp(f, [features], [tangents]);
        const loop = () => {
          const pairs = flowers.map((i) => jvp(f, [features.slice(i)], [tangents.slice(i)]));
          return [stack(pairs.map(([out]) => out)), stack(pairs.map(([, product]) => product))];
        };
        const [outs, products] = vectorised();
        const what = "Jᵢ·vᵢ";
        return {
          title: "Jᵢ·vᵢ, one tangent per flower",
          call: "batchJvp",
          code: "batchJvp(f, [X], [V])",
          given: [of("X", features), of("V", tangents)],
          result: [of("f(xᵢ)", outs), of("Jᵢ·vᵢ", products)],
          checks: [
            againstLoop(what, products, loop()[1]),
            againstDifferences(what, products, stack(flowers.map((i) => difference(f, features.slice(i), tangents.slice(i))))),
          ],
          contestants: [
            { label: "vectorised", run: vectorised },
            { label: "loop of jvp", run: loop },
          ],
        };
      },
      () => {
        const vectorised = () => vmap(jacobian(f))(features);
        const loop = () => stack(rows(features).map((x) => jacobian(f)(x)));
        const jacobians = vectorised();
        const what = "Jᵢ";
        return {
          title: "Jᵢ, the whole Jacobian per flower",
          call: "vmap(jacobian)",
          code: "vmap(jacobian(f))(X)",
          given: [of("X", features)],
          result: [of("Jᵢ", jacobians)],
          checks: [
            againstLoop(what, jacobians, loop()),
            againstDifferences(what, jacobians, stack(rows(features).map((x) => jacobianByDifferences(f, x)))),
          ],
          contestants: [
            { label: "vectorised", run: vectorised },
            { label: "loop of jacobian", run: loop },
          ],
        };
      },
    ],
  };
}

/** Question 3: derivatives with respect to a tree. */
export function parameters(params: Params, data: Iris): Question {
  const vector = pack(params);
  const count = vector.size;
  const each = (p: Params): NDArray => losses(p, data);
  const whole = (p: Params): NDArray => loss(p, data);
  return {
    heading: "The parameters' tree { w1, b1, w2, b2 }",
    text: `ℓ: ${count} parameters ↦ the ${data.labels.length} flowers' losses; L: their mean`,
    answers: [
      () => {
        const vectorised = () => jacobian(each)(params);
        const loop = () => jacobian(each, { vectorize: false })(params);
        const tree = vectorised();
        const flat = (jacobians: Params): NDArray => pack(jacobians, [data.labels.length]);
        const what = "∂ℓ/∂params";
        return {
          title: "The Jacobian of the flowers' losses",
          call: "jacobian",
          code: "jacobian(ℓ)(params)",
          given: names.map((name) => of(name, params[name])),
          result: names.map((name) => of(`J.${name}`, tree[name])),
          checks: [
            againstLoop(what, flat(tree), flat(loop())),
            againstDifferences(
              what,
              flat(tree),
              jacobianByDifferences((v) => each(unpack(v, params)), vector),
            ),
          ],
          contestants: [
            { label: "vectorised", run: vectorised },
            { label: "vectorize: false", run: loop },
          ],
        };
      },
      () => {
        const vectorised = () => hessian(whole)(params);
        const loop = () => hessian(whole, { vectorize: false })(params);
        const tree = vectorised();
        const flat = (blocks: Record<keyof Params, Params>): NDArray =>
          concatenate(names.map((name) => pack(blocks[name], params[name].shape).reshape([-1, count])));
        const what = "∂²L/∂params²";
        const gradient = grad(whole);
        return {
          title: "The Hessian of the mean loss",
          call: "hessian",
          code: "hessian(L)(params)",
          given: names.map((name) => of(name, params[name])),
          result: [
            of("H.w1.w1", tree.w1.w1),
            of("H.w1.b2", tree.w1.b2),
            of("H.b2.b2", tree.b2.b2),
            { name: "in all", shape: [count, count] },
          ],
          checks: [
            againstLoop(what, flat(tree), flat(loop())),
            againstDifferences(
              what,
              flat(tree),
              jacobianByDifferences((v) => pack(gradient(unpack(v, params))), vector),
            ),
          ],
          contestants: [
            { label: "vectorised", run: vectorised },
            { label: "vectorize: false", run: loop },
          ],
        };
      },
    ],
  };
}

export const questions = (params: Params, data: Iris): Question[] => [
  directionsAtOneFlower(params, data),
  everyFlower(params, data),
  parameters(params, data),
];

/** Returns the sensitivity of each class probability to each feature, [3, 4]: the mean of |∂ probability / ∂ feature| over all flowers. */
export const sensitivities = (params: Params, { features }: Iris): NDArray =>
  vmap(jacobian((x: NDArray) => probabilities(params, x)))(features)
    .abs()
    .mean(0);

const of = (name: string, { shape }: NDArray): Labelled => ({ name, shape });
