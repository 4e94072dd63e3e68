import { operators } from "../../../src/webgl/glsl/operators.js";

// Every elementwise primitive has the operators that the dtypes of its operands need, or says why the host computes it.
const { sin: _sin, ...fewer } = operators;
const real = { float: { gives: "float", needs: [], write: () => "" } } as const;

void [
  // @ts-expect-error Property 'sin' is missing
  fewer satisfies typeof operators,
  real satisfies (typeof operators)["sin"],
  // @ts-expect-error Property 'int' is missing
  real satisfies (typeof operators)["abs"],
  { why: "no shader is written yet" } satisfies (typeof operators)["abs"],
];
