import type { Promoting } from "../../src/engine/primitive.js";
import { binary, unary } from "../../src/primitives/elementwise.js";
import { ofX } from "../../src/rules/reads.js";

// A row says all of itself: where whole numbers come in, what becomes of them, too.
unary({ promote: "real", value: Math.sin, partial: ofX((x) => x.cos()), cost: "function" });
unary({ promote: "same", value: Math.abs, int: "same", partial: ofX((x) => x.sign()), cost: "arithmetic" });
// @ts-expect-error Property 'int' is missing
unary({ promote: "same", value: Math.abs, partial: ofX((x) => x.sign()), cost: "arithmetic" });
// @ts-expect-error Property 'int' is missing
binary({ promote: "fraction", value: (x, y) => x ** y, partials: [0, 0], cost: "function" });
// @ts-expect-error Property 'cost' is missing
unary({ promote: "real", value: Math.sin, partial: ofX((x) => x.cos()) });
// @ts-expect-error Property 'partial' is missing
unary({ promote: "real", value: Math.sin, cost: "function" });
// @ts-expect-error one partial for two operands
binary({ promote: "same", value: (x, y) => x + y, int: "same", partials: [1], cost: "arithmetic" });

// A method promotes as its row says.
const real: Promoting<"real"> = "sin";
// @ts-expect-error abs keeps whole numbers
const wrong: Promoting<"real"> = "abs";

void [real, wrong];
