import { methods, operations } from "../src/operations/index.js";
import { linalgCalls } from "../src/operations/linalg.js";
import { reference } from "../src/reference.js";
import { samples } from "../src/samples/index.js";

// A primitive without samples does not compile, nor one without a meaning, nor an operation, a method or a function of linalg without calls.
const { sin: _sample, ...fewerSamples } = samples;
const { sin: _meaning, ...fewerMeanings } = reference;
const { softmax: _call, ...fewerOperations } = operations;
const { addAt: _method, ...fewerMethods } = methods;
const { det: _linalg, ...fewerOfLinalg } = linalgCalls;

void [
  // @ts-expect-error Property 'sin' is missing
  fewerSamples satisfies typeof samples,
  // @ts-expect-error Property 'sin' is missing
  fewerMeanings satisfies typeof reference,
  // @ts-expect-error Property 'softmax' is missing
  fewerOperations satisfies typeof operations,
  // @ts-expect-error Property 'addAt' is missing
  fewerMethods satisfies typeof methods,
  // @ts-expect-error Property 'det' is missing
  fewerOfLinalg satisfies typeof linalgCalls,
];
