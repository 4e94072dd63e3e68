import { valueAndGrad } from "@ad/core";
import type { Iris } from "./data.js";
import { accuracy, initialise, loss, names, type Params } from "./model.js";

export interface Progress {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}
export interface Training {
  readonly params: Params;
  /** One entry per step, the first one before any. */
  readonly history: readonly Progress[];
}
export interface TrainingOptions {
  readonly seed?: number;
  readonly steps?: number;
  readonly rate?: number;
  readonly momentum?: number;
  /** Steps between two reports. */
  readonly every?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** Gradient descent with momentum on all flowers at a time. */
export function train(data: Iris, options: TrainingOptions = {}): Training {
  const { seed = 1, steps = 300, rate = 0.1, momentum = 0.9, every = 25, onProgress } = options;
  const step = valueAndGrad((params: Params) => loss(params, data));
  const history: Progress[] = [];
  let params = initialise(seed);
  let velocity: Params | undefined;
  for (let at = 0; at <= steps; at++) {
    const [value, gradient] = step(params);
    const progress = { step: at, loss: value.item() as number, accuracy: accuracy(params, data) };
    history.push(progress);
    if (at % every === 0 || at === steps) onProgress?.(progress);
    if (at === steps) break;
    const before = velocity;
    velocity = combine((name) => (before === undefined ? gradient[name] : before[name].mul(momentum).add(gradient[name])));
    const [from, by] = [params, velocity];
    params = combine((name) => from[name].sub(by[name].mul(rate)));
  }
  return { params, history };
}

const combine = (part: (name: keyof Params) => Params["w1"]): Params =>
  Object.fromEntries(names.map((name) => [name, part(name)])) as unknown as Params;
